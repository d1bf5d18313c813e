"""Languages and time zones to choose from."""

from zoneinfo import available_timezones

_CODES = """
ar Arabic|az Azerbaijani|be Belarusian|bg Bulgarian|bn Bengali|bs Bosnian|ca Catalan|cs Czech|da Danish|de German
el Greek|en English|es Spanish|et Estonian|fa Persian|fi Finnish|fil Filipino|fr French|ga Irish|he Hebrew|hi Hindi
hr Croatian|hu Hungarian|hy Armenian|id Indonesian|is Icelandic|it Italian|ja Japanese|ka Georgian|kk Kazakh
ko Korean|ky Kyrgyz|lt Lithuanian|lv Latvian|mk Macedonian|mn Mongolian|ms Malay|mt Maltese|nl Dutch|no Norwegian
pl Polish|pt Portuguese|ro Romanian|ru Russian|sk Slovak|sl Slovenian|sq Albanian|sr Serbian|sv Swedish|sw Swahili
ta Tamil|tg Tajik|th Thai|tk Turkmen|tr Turkish|uk Ukrainian|ur Urdu|uz Uzbek|vi Vietnamese|zh Chinese
"""
LANGUAGES = tuple(
    (code, name) for line in _CODES.strip().split("\n") for each in line.split("|") for code, name in [each.split(" ")]
)
_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
ZONES = tuple(
    (zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if zone.partition("/")[0] in _AREAS
)
