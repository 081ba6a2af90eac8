"""What Linden is: its cities, its shop's products, the devices and campaigns that its customers come with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class City:
    """A city with customers: `ahead` hours before UTC, its share, and whether Linden has a store, or is `remote`: no warehouse near."""

    name: str
    country: str
    currency: str
    zone: str
    ahead: int
    share: float
    language: str
    store: bool = True
    remote: bool = False


CITIES = (
    City("Lisbon", "PT", "EUR", "Europe/Lisbon", 0, 0.13, "pt"),
    City("Berlin", "DE", "EUR", "Europe/Berlin", 1, 0.17, "de"),
    City("Paris", "FR", "EUR", "Europe/Paris", 1, 0.16, "fr"),
    City("Hamburg", "DE", "EUR", "Europe/Berlin", 1, 0.08, "de"),
    City("Lyon", "FR", "EUR", "Europe/Paris", 1, 0.07, "fr"),
    City("Dublin", "IE", "EUR", "Europe/Dublin", 0, 0.08, "en", remote=True),
    City("London", "GB", "GBP", "Europe/London", 0, 0.10, "en"),
    City("Zürich", "CH", "CHF", "Europe/Zurich", 1, 0.05, "de", store=False),
    City("Warsaw", "PL", "PLN", "Europe/Warsaw", 1, 0.09, "pl", store=False, remote=True),
    City("Funchal", "PT", "EUR", "Atlantic/Madeira", 0, 0.07, "pt", store=False, remote=True),
)
RATES = {"EUR": 1.0, "GBP": 0.87, "CHF": 0.95, "PLN": 4.3}


@dataclass(frozen=True)
class Product:
    """One thing in the shop, with its price in euros."""

    sku: str
    name: str
    category: str
    price: float


PRODUCTS = tuple(
    Product(f"LND-{100 + i}", name, category, price)
    for i, (name, category, price) in enumerate(
        (
            ("linen shirt", "Clothing", 59.0), ("wool jumper", "Clothing", 89.0), ("rain jacket", "Clothing", 129.0),
            ("cork sneakers", "Shoes", 99.0), ("hiking boots", "Shoes", 159.0), ("canvas backpack", "Bags", 79.0),
            ("weekend bag", "Bags", 119.0), ("oak desk lamp", "Home", 69.0), ("stoneware mug", "Home", 14.5),
            ("cast-iron pan", "Kitchen", 64.0), ("coffee grinder", "Kitchen", 89.0), ("steel lunch box", "Kitchen", 29.0),
            ("travel pillow", "Travel", 24.0), ("cabin suitcase", "Travel", 189.0), ("wireless earbuds", "Electronics", 99.0),
            ("bookshelf speaker", "Electronics", 219.0), ("bicycle light", "Outdoor", 34.0), ("camping stove", "Outdoor", 74.0),
            ("picnic blanket", "Outdoor", 39.0), ("cotton bed linen", "Home", 109.0), ("desk chair", "Furniture", 249.0),
            ("oak side table", "Furniture", 179.0), ("yoga mat", "Sport", 44.0), ("running vest", "Sport", 54.0),
        )
    )
)  # fmt: skip


@dataclass(frozen=True)
class Device:
    """What someone holds. `entry`: an entry-level phone, which the app's version 5.3 and the new checkout do no good."""

    kind: str
    system: str
    model: str
    agent: str
    entry: bool = False


_IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
_ANDROID = "Mozilla/5.0 (Linux; Android {v}; {m}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
PHONES = (
    Device("ios", "iOS", "iPhone 15", _IOS),
    Device("ios", "iOS", "iPhone 13 mini", _IOS),
    Device("ios", "iOS", "iPhone SE", _IOS),
    Device("android", "Android", "Pixel 9", _ANDROID.format(v=16, m="Pixel 9")),
    Device("android", "Android", "SM-S931B", _ANDROID.format(v=15, m="SM-S931B")),
    Device("android", "Android", "SM-A145R", _ANDROID.format(v=14, m="SM-A145R"), entry=True),
    Device("android", "Android", "FP4", _ANDROID.format(v=13, m="FP4"), entry=True),
    Device("android", "Android", "moto g54 5G", _ANDROID.format(v=14, m="moto g54 5G"), entry=True),
)
DESKTOPS = (
    Device("desktop", "Windows", "", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"),
    Device("desktop", "Windows", "", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"),
    Device("desktop", "Mac OS X", "", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"),
    Device("desktop", "Linux", "", "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"),
)  # fmt: skip
CAMPAIGNS = (
    ("google", "cpc", "open-an-account"), ("instagram", "social", "autumn-home"), ("newsletter", "email", "weekend-edit"),
    ("tiktok", "social", "first-card"), ("partner", "affiliate", "moving-checklist"), ("google", "cpc", "linden-brand"),
)  # fmt: skip
REFERRERS = ("https://www.google.com/", "https://www.bing.com/", "https://duckduckgo.com/", "https://www.instagram.com/", "")
AGENTS = ("Inês", "Jonas", "Amélie", "Rafael", "Katarzyna", "Tunde", "Mei", "Lukas", "Sofia", "Aoife")
