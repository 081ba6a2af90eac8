"""What every error of the JSON API looks like."""

from ninja import Schema


class Problem(Schema):
    """What every error looks like: a stable code for machines and a sentence for people."""

    code: str
    message: str


PROBLEMS = dict.fromkeys((400, 401, 403, 404, 422, 429, 503), Problem)
