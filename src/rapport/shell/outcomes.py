"""How a call ended, in words and as a tone: for the timeline, lists and facts."""

from django.utils.translation import gettext_lazy

OUTCOMES = {
    "reached": gettext_lazy("Reached"), "no_answer": gettext_lazy("No answer"),
    "voicemail": gettext_lazy("Left a message"), "interested": gettext_lazy("Interested"),
    "not_interested": gettext_lazy("Not interested"),
}  # fmt: skip
TONES = {"interested": "won", "not_interested": "lost", "no_answer": "warn"}
