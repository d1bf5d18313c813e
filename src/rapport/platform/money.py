"""Money is an integer of minor units and a currency; never a float, never a database decimal."""

import decimal
from decimal import Decimal

# ISO 4217 exponents that are not 2.
EXPONENTS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    "CLF": 4,
    "UYW": 4,
}  # fmt: skip
CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG""".split()
)
_LIMIT = 2**63 - 1
_DIGITS = 20


def exponent(currency: str) -> int:
    """Digits after the point of a currency (ISO 4217)."""
    return EXPONENTS.get(currency, 2)


def to_minor(amount: str | int | Decimal, currency: str) -> int:
    """Minor units of a decimal ``amount``.

    Raises ValueError when it is no number, has more digits than the currency knows, or is too large.
    """
    try:
        value = Decimal(str(amount).strip())
        if value.is_finite() and value.adjusted() > _DIGITS:
            raise OverflowError
        scaled = value.scaleb(exponent(currency))
        minor = int(scaled)
    except OverflowError as error:
        raise ValueError("the amount is too large") from error
    except (decimal.DecimalException, ValueError) as error:
        raise ValueError(f"{amount!r} is not an amount") from error
    if scaled != minor:
        raise ValueError(f"{currency} has {exponent(currency)} digits after the point")
    if abs(minor) > _LIMIT:
        raise ValueError("the amount is too large")
    return minor


def from_minor(minor: int, currency: str) -> str:
    """``1326433800, "USD"`` -> ``"13264338.00"``."""
    digits = exponent(currency)
    if digits == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}"


def convert(minor: int, currency: str, base: str, rate: Decimal) -> int:
    """Minor units of ``base`` for ``minor`` of ``currency`` when 1 ``currency`` costs ``rate`` ``base``.

    Rounds half to even.
    """
    value = Decimal(minor).scaleb(-exponent(currency)) * rate
    return int(value.scaleb(exponent(base)).to_integral_value(decimal.ROUND_HALF_EVEN))


def sql_text(amount: str, currency: str, vendor: str) -> str:
    """SQL for the decimal string of the minor units in column ``amount``."""
    by_digits: dict[int, list[str]] = {}
    for code, digits in EXPONENTS.items():
        by_digits.setdefault(digits, []).append(f"'{code}'")
    cases = "".join(
        f" WHEN {currency} IN ({', '.join(codes)}) THEN {_sql_digits(amount, digits, vendor)}"
        for digits, codes in sorted(by_digits.items())
    )
    return f"CASE WHEN {amount} IS NULL THEN NULL{cases} ELSE {_sql_digits(amount, 2, vendor)} END"


def _sql_digits(amount: str, digits: int, vendor: str) -> str:
    if vendor == "postgresql":
        return f"round({amount} / {10**digits}.0, {digits})::text" if digits else f"{amount}::text"
    if not digits:
        return f"CAST({amount} AS TEXT)"
    sign = f"CASE WHEN {amount} < 0 THEN '-' ELSE '' END"
    whole, part = f"abs({amount}) / {10**digits}", f"abs({amount}) %% {10**digits}"
    return f"printf('%%s%%d.%%0{digits}d', {sign}, {whole}, {part})"
