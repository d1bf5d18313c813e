"""Demonstration data: a wholesale firm with two years of customers, orders and talk, put in and taken out as one deed.

The firm is Northwind, the sample of Microsoft (MIT); what happened around its orders is made up, the same each time.
"""
