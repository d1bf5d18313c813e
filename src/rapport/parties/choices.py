"""What may be chosen of a party, its points, roles and links: (value, label) pairs."""

from django.utils.translation import gettext_lazy as _

KINDS = (("organisation", _("Organisation")), ("person", _("Person")))
ROLES = (
    ("prospect", _("Prospect")), ("customer", _("Customer")), ("supplier", _("Supplier")), ("partner", _("Partner")),
    ("owner", _("Owner")), ("employee", _("Employee")), ("alliance", _("Alliance member")),
    ("competitor", _("Competitor")), ("end_user", _("End user")), ("intermediary", _("Intermediary")),
    ("public_body", _("Public body")), ("public_organisation", _("Public organisation")), ("media", _("Media")),
)  # fmt: skip

# Person data.
SEXES = (("female", _("Female")), ("male", _("Male")), ("diverse", _("Diverse")))
INCOMES = (
    ("low", _("Low")), ("lower_middle", _("Lower middle")), ("middle", _("Middle")),
    ("upper_middle", _("Upper middle")), ("high", _("High")),
)  # fmt: skip
PURPOSES = (
    ("own_use", _("Own use")), ("household", _("Household")), ("gift", _("Gift")), ("work", _("Work")),
    ("resale", _("Resale")), ("investment", _("Investment")),
)  # fmt: skip
PAYMENTS = (
    ("cash", _("Cash")), ("card", _("Card")), ("transfer", _("Bank transfer")), ("invoice", _("Invoice")),
    ("direct_debit", _("Direct debit")), ("instalments", _("Instalments")), ("wallet", _("Online wallet")),
)  # fmt: skip
SPENDING = (
    ("planned", _("Planned")), ("impulsive", _("Impulsive")), ("seasonal", _("Seasonal")),
    ("bargains", _("Looks for bargains")), ("premium", _("Chooses the best")),
)  # fmt: skip
SERVICE = (
    ("self_service", _("Self-service")), ("phone", _("By phone")), ("writing", _("In writing")),
    ("in_person", _("In person")), ("home_visit", _("Visit at home")), ("one_contact", _("Always the same person")),
)  # fmt: skip
FREQUENCIES = (
    ("daily", _("Daily")), ("weekly", _("Weekly")), ("monthly", _("Monthly")), ("yearly", _("A few times a year")),
    ("rarely", _("Rarely")),
)  # fmt: skip

# Contact points. Kinds that share a group have one primary between them.
POINTS = (
    ("email", _("E-mail")), ("phone", _("Phone")), ("mobile", _("Mobile")), ("fax", _("Fax")), ("web", _("Web")),
    ("telegram", _("Telegram")), ("whatsapp", _("WhatsApp")), ("viber", _("Viber")), ("signal", _("Signal")),
    ("wechat", _("WeChat")), ("skype", _("Skype")), ("linkedin", _("LinkedIn")), ("facebook", _("Facebook")),
    ("instagram", _("Instagram")), ("x", _("X")), ("vk", _("VK")), ("youtube", _("YouTube")), ("post", _("Post")),
    ("other", _("Other")),
)  # fmt: skip
LABELS = (
    ("work", _("Work")), ("home", _("Home")), ("private", _("Private")), ("central", _("Switchboard")),
    ("support", _("Support")), ("billing", _("Billing")), ("other", _("Other")),
)  # fmt: skip
PERMITS = (("service", _("Service")), ("offers", _("Offers")), ("news", _("News")), ("surveys", _("Surveys")))
ADDRESSES = (
    ("visiting", _("Visiting")), ("postal", _("Postal")), ("delivery", _("Delivery")), ("billing", _("Billing")),
    ("registered", _("Registered")), ("home", _("Home")),
)  # fmt: skip

# Roles: the stages of each, in order. What has no list of its own is active or not.
STAGES = (
    ("new", _("New")), ("contacted", _("Contacted")), ("qualified", _("Qualified")), ("candidate", _("Candidate")),
    ("approved", _("Approved")), ("active", _("Active")), ("preferred", _("Preferred")), ("at_risk", _("At risk")),
    ("on_hold", _("On hold")), ("lapsed", _("Lapsed")), ("lost", _("Lost")), ("blocked", _("Blocked")),
)  # fmt: skip
STAGES_OF = {
    "prospect": ("new", "contacted", "qualified", "lost"),
    "customer": ("new", "active", "at_risk", "lapsed", "lost"),
    "supplier": ("candidate", "approved", "active", "preferred", "on_hold", "blocked"),
    "partner": ("candidate", "approved", "active", "preferred", "on_hold"),
    "intermediary": ("candidate", "approved", "active", "on_hold"),
    "employee": ("candidate", "active", "on_hold"),
    "end_user": ("new", "active", "at_risk", "lapsed"),
}
PLAIN_STAGES = ("new", "active", "on_hold")
TIERS = (("a", _("A")), ("b", _("B")), ("c", _("C")), ("d", _("D")))

# Links: what it is called from the one end and from the other.
LINKS = (
    ("works_at", _("Works at")), ("reports_to", _("Reports to")), ("part_of", _("Part of")),
    ("household", _("Same household")), ("married_to", _("Married to")), ("parent_of", _("Parent of")),
    ("referred_by", _("Referred by")), ("decision_maker_for", _("Decision maker for")),
    ("adviser_to", _("Adviser to")), ("contact_for", _("Contact for")), ("supplier_of", _("Supplier of")),
    ("shareholder_of", _("Shareholder of")), ("competitor_of", _("Competitor of")), ("partner_of", _("Partner of")),
)  # fmt: skip
INVERSE = {
    "works_at": _("Employs"), "reports_to": _("Leads"), "part_of": _("Has as part"), "household": _("Same household"),
    "married_to": _("Married to"), "parent_of": _("Child of"), "referred_by": _("Referred"),
    "decision_maker_for": _("Decision maker"), "adviser_to": _("Adviser"), "contact_for": _("Contact"),
    "supplier_of": _("Supplier"), "shareholder_of": _("Shareholder"), "competitor_of": _("Competitor of"),
    "partner_of": _("Partner of"),
}  # fmt: skip
