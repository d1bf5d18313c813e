"""The points, addresses, roles and links of parties that have none yet, from the parties' own fields.

One INSERT … SELECT per kind of row, so that a million parties take seconds. For a migration, and for data loaded past
the write path. It names the columns as they were when the tables were made, and asks no model.
"""

from typing import Any

ROLES = (
    "prospect", "customer", "supplier", "partner", "owner", "employee", "alliance", "competitor", "end_user",
    "intermediary", "public_body", "public_organisation", "media",
)  # fmt: skip
# Keys of version 7 with the moment of the party's own.
KEY = {
    "sqlite": "CAST(substr(p.id, 1, 6) || x'70' || randomblob(1) || x'80' || randomblob(7) AS BLOB)",
    "postgresql": """(substr(replace(p.id::text, '-', ''), 1, 12) || '7'
        || substr(md5(random()::text || p.id::text), 1, 3) || '8'
        || substr(md5(p.id::text || random()::text), 1, 15))::uuid""",
}
BARE_PHONE = {
    "sqlite": "CASE WHEN instr(p.phone, ';') > 0 THEN substr(p.phone, 1, instr(p.phone, ';') - 1) ELSE p.phone END",
    "postgresql": "split_part(p.phone, ';', 1)",
}
BARE_WEB = "rtrim(replace(replace(replace(lower(p.website), 'https://', ''), 'http://', ''), 'www.', ''), '/')"
SAME = "id, created_at, created_by, updated_at, updated_by, version, external_source, binned_at, custom"


def fill(connection: Any) -> None:
    """Insert the rows of all parties into the empty tables, on a connection of Django."""
    vendor = connection.vendor
    true, no = ("1", "0") if vendor == "sqlite" else ("TRUE", "FALSE")
    common = f"{KEY[vendor]}, p.created_at, p.created_by, p.updated_at, p.updated_by, 1, '', p.binned_at, '{{}}'"
    points = (("email", "p.email", "p.email"), ("phone", "p.phone", BARE_PHONE[vendor]), ("web", "p.website", BARE_WEB))
    with connection.cursor() as cursor:
        for kind, value, key in points:
            cursor.execute(
                f"""INSERT INTO contact_point ({SAME}, party_id, kind, value, value_key, is_primary,
                    is_preferred, is_valid)
                    SELECT {common}, p.id, '{kind}', {value}, {key}, {true}, {no}, {true}
                    FROM party p WHERE {value} IS NOT NULL"""
            )
        cursor.execute(
            f"""INSERT INTO address ({SAME}, party_id, kind, street, postcode, city, city_key, region, country,
                is_primary)
                SELECT {common}, p.id, CASE p.kind WHEN 'person' THEN 'home' ELSE 'visiting' END, p.address_street,
                p.address_postcode, p.address_city, p.city_key, p.address_region, p.address_country, {true}
                FROM party p WHERE coalesce(p.address_street, p.address_postcode, p.address_city, p.address_region,
                p.address_country) IS NOT NULL"""
        )
        for role in ROLES:
            cursor.execute(
                f"""INSERT INTO party_role ({SAME}, party_id, role) SELECT {common}, p.id, '{role}'
                    FROM party p WHERE p.roles LIKE '%% {role} %%'""",
                [],
            )
        cursor.execute(
            f"""INSERT INTO party_link ({SAME}, from_party_id, kind, to_party_id, title, is_primary)
                SELECT {common}, p.id, 'works_at', p.company_id, p.title, {true}
                FROM party p WHERE p.company_id IS NOT NULL"""
        )
