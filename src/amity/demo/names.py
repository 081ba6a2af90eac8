# ruff: noqa: RUF001  names in many scripts hold letters that look alike
"""Names from everywhere, and the e-mail addresses that go with them."""

from __future__ import annotations

from amity.demo.draws import Dice, ladder_of

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


_LADDER = ladder_of([9, 9, 9, 3, 5, 5, 4, 3, 3, 3, 3, 2, 2, 2, 2, 3, 2, 4, 2, 1])
_SPLIT = tuple((given.split(), family.split(), language) for given, family, language in _NAMES)
_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_HOSTS = ("example.com", "example.org", "example.net")


def name_someone(dice: Dice, number: int) -> tuple[str, str, str, str]:
    """Return a full name, its first and last part, and the language that goes with it."""
    given, family, language = dice.weighted(_SPLIT, _LADDER)
    first, last = dice.pick(given), dice.pick(family)
    name = _LONG if number % 997 == 500 else f"{first} {last}"
    if dice.whether(0.015):
        name += dice.pick((" 🌻", " 🐙", " ✨"))
    return name, first, last, language


def address(dice: Dice, first: str, last: str, number: int) -> str:
    """Return an e-mail address in one of the domains that are kept for examples (RFC 2606)."""
    plain = f"{first}.{last}".translate(_PLAIN).lower()
    local = "".join(c for c in plain if c in _LOCAL).strip(".") or "customer"
    return f"{local}.{number}@{dice.pick(_HOSTS)}"
