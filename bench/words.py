"""Names, places and phrases of several countries and scripts, for made-up data. Nobody here is real."""

import itertools
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Land:
    """How people, places and companies are called somewhere."""

    code: str
    dial: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    cities: tuple[str, ...]
    legal: str
    family_first: bool = False


def _land(
    code: str, dial: str, legal: str, given: str, stems: str, endings: str, cities: str, family_first: bool = False
) -> Land:
    """A land from words parted by blanks; family names are every stem with every ending."""
    names = tuple(a + b for a, b in itertools.product(stems.split(), endings.split()))
    return Land(code, dial, tuple(given.split()), names, tuple(cities.split()), legal, family_first)


LANDS = (
    _land(
        "DE", "+4930", "GmbH",
        "Anna Lukas Jürgen Käthe Sebastian Miriam Björn Heike Torsten Ute Frieda Jonas Lena Max Nele Paul",
        "Acker Berg Brand Dorn Eich Feld Grün Hart Kaiser König Linden Möll Müll Neu Ober Roth Schäf Stein Wald Weiß",
        "mann er hoff meier stein ner bach ke ing",
        "Berlin Hamburg München Köln Düsseldorf Leipzig Nürnberg",
    ),
    _land(
        "FR", "+3314", "SARL",
        "Élodie François Camille Hélène Jérôme Zoé Luc Margaux Noël Thérèse Victor Yves Chloé Rémi",
        "Beau Bel Cha Du Fon La Mar Mont Per Ro Saint Ville Bou Char",
        "mont rd vier ssard taine lin champ ret gnon",
        "Paris Lyon Marseille Besançon Nîmes Orléans Bordeaux",
    ),
    _land(
        "GB", "+4420", "Ltd",
        "Oliver Amelia Harry Isla George Ava Noah Poppy Alfie Grace Ruby Oscar Ella Leo",
        "Ash Black Brad Chester Field Green Hal Wood North Old Stan West Win Whit",
        "ford ley ton well worth field s by man",
        "London Leeds Bristol York Glasgow Cardiff Norwich",
    ),
    _land(
        "TR", "+90212", "A.Ş.",
        "Ayşe Çağlar Emre Gül İbrahim Öykü Şule Ümit Yiğit Zeynep Mehmet Fatma Özgür Işıl",
        "Ak Kara Yıl Demir Öz Taş Gök Şahin Er Kılıç Çelik Dağ",
        "maz kaya oğlu demir türk er can soy tekin",
        "İstanbul Ankara İzmir Çanakkale Eskişehir Muğla Şanlıurfa",
    ),
    _land(
        "KZ", "+7727", "ЖШС",
        "Айгүл Нұрлан Шолпан Ерлан Гүлнар Дәурен Әсел Қанат Болат Жанар Мәдина Тимур",
        "Ахмет Бекмұхамед Нұрлан Сәтбай Тоқтар Жұма Қали Әбіш Есен Дос",
        "ов ова ұлы қызы баев баева бек",
        "Алматы Астана Шымкент Қарағанды Ақтау Тараз Павлодар",
    ),
    _land(
        "RU", "+7495", "ООО",
        "Анна Сергей Ольга Дмитрий Екатерина Пётр Наталья Юрий Ирина Щавель Фёдор Ксения",
        "Иван Петр Кузнец Смирн Воробь Щерб Жук Чайк Тихомир Фёдор",
        "ов ова ин енко ский ская ев ева",
        "Москва Казань Новосибирск Екатеринбург Самара Тюмень Уфа",
    ),
    _land(
        "GR", "+30210", "ΑΕ",
        "Γιώργος Ελένη Νίκος Μαρία Κώστας Σοφία Δημήτρης Άννα Πέτρος Ζωή",
        "Παπα Καρα Οικονομ Γεωργ Δημητρ Νικολ Κωνσταντιν",
        "δόπουλος άκης ίδης όγλου ίου έας",
        "Αθήνα Πάτρα Θεσσαλονίκη Βόλος Λάρισα",
    ),
    _land(
        "JP", "+8133", "株式会社",
        "太郎 花子 健 美咲 翔 葵 陽菜 蓮 結衣 大輔 直樹 恵",
        "佐 山 田 高 中 小 伊 木 川 森",
        "藤 本 中 橋 村 林 田 口 島",
        "東京 大阪 名古屋 札幌 福岡 京都",
        family_first=True,
    ),
    _land(
        "IN", "+9122", "Pvt Ltd",
        "अनिल प्रिया Rahul सुनीता विजय Anjali मीरा Arjun दीपक Kavya",
        "Sha Gup Ver Pa Chau Red Me Iy Ku Nai",
        "rma ta tel dhary dy hta er mar du",
        "मुंबई दिल्ली Chennai Pune Kolkata जयपुर",
    ),
    _land(
        "EG", "+2022", "ش.م.م",
        "محمد فاطمة أحمد مريم يوسف ليلى عمر سارة خالد نور",
        "عبد أبو بن ال",
        "الرحمن حسن علي مصري خطيب نجار صالح حداد",
        "القاهرة الإسكندرية الجيزة أسوان طنطا",
    ),
)  # fmt: skip
WEIGHTS = (22, 12, 22, 8, 8, 10, 4, 5, 7, 2)
BRANCHES = tuple(
    "Logistics Foods Textiles Software Energy Machines Travel Pharma Steel Media Optics Paper Print Glass".split()
)
INDUSTRIES = ("retail", "Manufacturing", "Healthcare", "Logistics", "Financial services", "Software", "Education",
              "Énergie", "Строительство", "Hospitality", "Agriculture", "Public sector")  # fmt: skip
TITLES = ("Head of Purchasing", "Managing Director", "Office Manager", "Engineer", "Accountant", "Key Account Manager",
          "Директор", "Assistant", "Head of IT", None)  # fmt: skip
ROLES = (" customer ", " prospect ", " prospect ", " supplier ", " customer supplier ", " partner ", None)
PRODUCTS = ("Annual licence", "Service contract", "Pilot", "Extension", "Spare parts", "Consulting", "Frame agreement",
            "Training", "Replacement", "Roll-out", "Audit", "Trial")  # fmt: skip
SUBJECTS = tuple(
    f"{what} {about}"
    for what, about in itertools.product(
        ("Call about", "Offer:", "Re:", "Question on", "Follow-up:", "Meeting on", "Complaint about", "Reminder:",
         "Visit for"),
        ("delivery dates", "the invoice", "renewal", "prices for next year", "the demo", "spare parts", "a new contact",
         "training", "the contract", "quality report", "data protection", "shipping to Алматы", "trade fair",
         "roadmap"),
    )
)  # fmt: skip
SENTENCES = ("Thank you for your message, we will come back to you by the end of the week.",
             "The figures of the last quarter are attached; please have a look before our meeting.",
             "He asks for a better price because a competitor offered ten percent less.",
             "They are happy with the service and want to add a second site next year.",
             "Nobody picked up; try again on Monday morning.",
             "Could you send the delivery note again? The first one did not arrive.")  # fmt: skip
CHANNELS = (("email", 45), ("call", 28), ("meeting", 12), ("note", 10), ("chat", 3), ("visit", 2))
OUTCOMES = ("reached", "no_answer", "voicemail", "interested", "not_interested", None)
LOST = ("Price", "Timing", "Competitor", "No budget", "No answer")


class Dice:
    """Seeded choices, weighted ones from prepared pools."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lands = self.pool(LANDS, WEIGHTS)
        self.channels = self.pool([name for name, _w in CHANNELS], [weight for _n, weight in CHANNELS])

    def pool(self, values: object, weights: object, size: int = 4096) -> list[object]:
        """A list in which each value stands as often as its weight says; drawing from it is quick."""
        return self.random.choices(values, weights, k=size)  # type: ignore[call-overload]

    def of(self, values: object) -> object:
        """One of a sequence."""
        return values[int(self.random.random() * len(values))]  # type: ignore[index, arg-type]

    def below(self, most: int) -> int:
        """A whole number from 0 to ``most`` - 1."""
        return int(self.random.random() * most)
