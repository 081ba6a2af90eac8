# ruff: noqa: RUF001  names in many scripts hold letters that look alike
"""Linden's customers: invented people with names from everywhere, devices, consent and temper."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from amity.demo.catalogue import CITIES, DESKTOPS, PHONES, City, Device

# Given names, family names, language of each. Scripts are mixed on purpose: a customer system meets all of them.
_NAMES: tuple[tuple[str, str, str], ...] = (
    ("Inês Matilde Duarte Beatriz Tomás Rui Leonor Gonçalo", "Silva Ferreira Carvalho Nogueira Pinto Antunes", "pt"),
    ("Anna Lukas Greta Jonas Mia Emil Frieda Matthias", "Müller Schröder Krause Weiß Böhm Lindner", "de"),
    ("Camille Léo Chloé Hugo Amélie Théo Manon Gaspard", "Lefèvre Moreau Dubois Rousseau Girard Noël", "fr"),
    ("Aoife Cian Niamh Oisín Saoirse Fionn", "O'Brien Ní Dhomhnaill Murphy Byrne McCarthy", "en"),
    ("Olivia Jack Amelia Harry Freya George", "Smith Patel Taylor Featherstonehaugh Hughes", "en"),
    ("Zofia Jakub Hanna Szymon Agnieszka Łukasz", "Kowalska Wiśniewski Wójcik Szczepański Brzęczyszczykiewicz", "pl"),
    ("Elif Mehmet Zeynep Emre Ayşe Kaan", "Yılmaz Demir Çelik Şahin Öztürk", "tr"),
    ("Giulia Matteo Chiara Lorenzo", "Rossi Bianchi Esposito D'Angelo", "it"),
    ("Lucía Mateo Martina Álvaro", "García Núñez Fernández Ibáñez", "es"),
    ("Chiamaka Tunde Ngozi Oluwaseun", "Okafor Adeyemi Okonkwo Balogun", "en"),
    ("Priya Arjun Ananya Venkatanarasimharajuvaripeta", "Sharma Iyer Krishnamurthy Banerjee", "en"),
    ("Linh Minh Thảo Đức", "Nguyễn Trần Phạm Vũ", "en"),
    ("Yuki Haruto Sakura 健太", "Tanaka Suzuki 佐藤 Watanabe", "en"),
    ("秀英 伟 芳 Mei", "王 李 张 Chen", "en"),
    ("Ольга Дмитро Олена Тарас", "Шевченко Коваленко Бондар Мельник", "en"),
    ("محمد فاطمة علي Layla", "الحسن Haddad العلي Nasser", "fr"),
    ("Freja Magnus Astrid Søren", "Jensen Østergaard Åkesson Lindqvist", "en"),
    ("João Larissa Thiago Ana Beatriz", "Souza Oliveira Albuquerque Cavalcanti", "pt"),
    ("Kwame Abena Kofi Esi", "Mensah Boateng Owusu Asante", "en"),
    ("Noa Yael Itai Shira", "Cohen Levi Mizrahi Katz", "en"),
)
_LONG = "Maximiliana Theodora Konstantinopoulou-Featherstonehaugh von und zu Hohenlinden"
_PLAIN = str.maketrans("áàâãäåçéèêëíìîïñóòôõöøúùûüýÿßłśźżćńęąğışðđéÁÉŁŚŞÖÜÇÅØ'", "aaaaaaceeeeiiiinoooooouuuuyyslszzcneagisddeAELSSOUCAO_")  # fmt: skip


@dataclass(kw_only=True)
class Person:
    """One customer. `number` decides everything else; `told` remembers what happened, for what they say later."""

    number: int
    name: str
    first: str
    last: str
    email: str
    phone: str
    language: str
    city: City
    birth_year: int
    handset: Device
    desktop: Device
    activity: float
    banks: bool
    shops: bool
    marketing: bool
    analytics: bool
    joined: int
    temper: float
    since: str = ""
    told: list[tuple[int, str]] = field(default_factory=list)

    @property
    def user_id(self) -> str:
        """The bank's own number."""
        return f"LB-{104_729 + self.number * 7}"

    def device_id(self, device: str) -> str:
        """The anonymous id of one of their devices: `phone`, `desktop` or `borrowed`."""
        return f"demo-{device}-{self.number:06d}"


def make_person(number: int, *, seed: int, days: int) -> Person:
    """Invent customer `number`. `days` is how long the story runs; `joined` is the day on which they first come."""
    rng = Random(f"{seed}:person:{number}")  # noqa: S311  a story, not a secret
    given, family, language = rng.choices(_NAMES, weights=[9, 9, 9, 3, 5, 5, 4, 3, 3, 3, 3, 2, 2, 2, 2, 3, 2, 4, 2, 1])[0]
    first, last = rng.choice(given.split()), rng.choice(family.split())
    name = _LONG if number % 997 == 500 else f"{first} {last}"
    if rng.random() < 0.015:
        name += rng.choice((" 🌻", " 🐙", " ✨"))
    city = rng.choices(CITIES, weights=[one.share for one in CITIES])[0]
    banks = rng.random() < 0.66
    plain = f"{first}.{last}".translate(_PLAIN).lower()
    local = "".join(c for c in plain if c.isascii() and (c.isalnum() or c in "._-")).strip(".") or "customer"
    return Person(
        number=number,
        name=name,
        first=first,
        last=last,
        email=f"{local}.{number}@{rng.choice(('example.com', 'example.org', 'example.net'))}",
        phone=f"+336399{80_000 + number:05d}" if number < 10_000 and rng.random() < 0.4 else "",
        language=language,
        city=city,
        birth_year=rng.randint(1942, 2006),
        handset=rng.choices(PHONES, weights=[18, 12, 8, 12, 14, 14, 6, 8])[0],
        desktop=rng.choice(DESKTOPS),
        activity=min(rng.lognormvariate(0.0, 0.75), 6.0),
        banks=banks,
        shops=rng.random() < (0.55 if banks else 1.0),
        marketing=rng.random() < 0.62,
        analytics=rng.random() < 0.86,
        joined=0 if rng.random() < 0.45 else int(days * rng.random() ** 0.8),
        temper=rng.gauss(0.0, 0.8),
    )
