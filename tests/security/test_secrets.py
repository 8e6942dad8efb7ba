"""What people carry: tokens, cookies, passwords; and how guessing them ends."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from fieldproof.core.errors import Invalid, Unauthenticated
from fieldproof.core.ids import COOKIE, KEY, TOKEN, is_secret, new_secret
from fieldproof.core.signing import Signer
from fieldproof.db.models import Token, WebSession
from fieldproof.services import tokens, users
from running import PASSWORD, Installation

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("prefix", [TOKEN, KEY, COOKIE])
def test_a_secret_says_what_it_is_and_checks_itself(prefix: str) -> None:
    secret = new_secret(prefix)
    assert re.fullmatch(rf"{prefix}_[0-9A-Za-z]{{46}}", secret)
    body, end = secret[:-6], secret[-6:]
    value = 0
    for digit in end:
        value = value * 62 + _DIGITS.index(digit)
    assert value == zlib.crc32(body.encode())  # what a scanner for leaked secrets computes without us
    assert is_secret(secret, prefix)
    assert len({new_secret(prefix) for _ in range(200)}) == 200


def test_a_secret_with_any_digit_changed_is_none() -> None:
    secret = new_secret(TOKEN)
    for place in range(4, len(secret)):
        other = _DIGITS[(_DIGITS.index(secret[place]) + 1) % 62]
        assert not is_secret(secret[:place] + other + secret[place + 1 :], TOKEN)
    assert not is_secret(secret, KEY)
    assert not is_secret(secret + "\n", TOKEN)


def test_a_malformed_secret_costs_no_query(server: Installation) -> None:
    asked: list[str] = []
    with server.parts.work() as work:
        sa.event.listen(work.db.connection(), "before_cursor_execute", lambda *a: asked.append(a[2]))
        for secret in ("", "fpt_x", new_secret(TOKEN)[:-1] + "!", new_secret(KEY), "é" * 50):
            with pytest.raises(Unauthenticated):
                tokens.authenticate(work, secret)
    assert asked == []


def test_only_fingerprints_are_stored(server: Installation) -> None:
    person = server.user(password=PASSWORD)
    token, key = person.token(), person.key()
    with server.parts.work() as work:
        _, cookie = users.sign_in(work, person.email, PASSWORD, user_agent=None, ip=None)
    with server.parts.engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names():
            if table in ("tokens", "web_sessions", "users", "audit_events"):
                text = str(connection.execute(sa.text(f'SELECT t::text FROM "{table}" t')).all())
                for secret in (token, key, cookie, PASSWORD):
                    assert secret not in text, table


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr("hmac.compare_digest", lambda a, b: compared.append((a, b)) or a == b)
    signer = Signer("s" * 40)
    assert signer.is_valid(signer.signature("p", 1), "p", 1)
    assert not signer.is_valid("x" * 43, "p", 1)
    assert len(compared) == 2


def test_a_revoked_token_is_dead_at_the_next_call(server: Installation) -> None:
    person = server.user()
    secret = person.token()
    with _http(server, secret) as http:
        (mine,) = http.get("/v1/tokens").json()["data"]
        assert http.delete(f"/v1/tokens/{mine['id']}").is_success
        assert http.get("/v1/me").status_code == 401


def test_an_expired_token_is_the_same_401_as_an_unknown_one(server: Installation) -> None:
    person = server.user()
    secret = person.token()
    with server.parts.work() as work:
        token = work.db.scalars(sa.select(Token).where(Token.user_id == person.id)).one()
        token.expires_at = work.now - timedelta(seconds=1)
    answers = [
        httpx.get(f"{server.url}/v1/me", headers={"Authorization": f"Bearer {s}"})
        for s in (secret, new_secret(TOKEN), "x")
    ]
    assert {(a.status_code, a.content) for a in answers} == {(401, answers[0].content)}


@pytest.mark.parametrize("lapse", [{"last_seen_at": timedelta(hours=13)}, {"expires_at": timedelta(seconds=1)}])
def test_a_session_ends_when_idle_and_after_two_weeks(server: Installation, lapse: dict[str, timedelta]) -> None:
    person = server.user(password=PASSWORD)
    with server.parts.work() as work:
        _, cookie = users.sign_in(work, person.email, PASSWORD, user_agent=None, ip=None)
    with server.parts.work() as work:
        assert users.authenticate(work, cookie).user_id == person.id
        session = work.db.scalars(sa.select(WebSession).where(WebSession.user_id == person.id)).one()
        assert session.expires_at - session.created_at == timedelta(days=14)
        for name, ago in lapse.items():
            setattr(session, name, work.now - ago)
    with server.parts.work() as work, pytest.raises(Unauthenticated):
        users.authenticate(work, cookie)


def test_a_signed_out_cookie_is_dead(server: Installation) -> None:
    person = server.user(password=PASSWORD)
    with server.parts.work() as work:
        _, cookie = users.sign_in(work, person.email, PASSWORD, user_agent=None, ip=None)
    with server.parts.work() as work:
        work.actor = users.authenticate(work, cookie)
        users.sign_out(work)
    with server.parts.work() as work, pytest.raises(Unauthenticated):
        users.authenticate(work, cookie)


@pytest.mark.parametrize("password", ["password1", "1234567890", "Password123", "qwertyuiop", "x" * 1001])
def test_a_poor_password_is_refused(server: Installation, password: str) -> None:
    with pytest.raises(Invalid), server.parts.work() as work:
        users.add_user(work, "poor@example.org", "Poor", password)


@pytest.mark.parametrize(
    "password", ["x7 " * 20 + "end", "  blanks at both ends  ", "ключ от квартиры", "12345678901 is mine"]
)
def test_any_other_password_works_exactly_as_typed(server: Installation, password: str) -> None:
    person = server.user(password=password)
    with server.parts.work() as work:
        assert users.check_password(work, person.email, password).id == person.id
        with pytest.raises(Unauthenticated):
            users.check_password(work, person.email, password.strip() + " ")


def test_guessing_on_the_api_is_slowed_down_too(server: Installation) -> None:
    person, other = server.user(password=PASSWORD), server.user(password=PASSWORD)
    with httpx.Client(base_url=server.url) as http:
        answers = [_sign_in(http, person.email, f"guess number {n}") for n in range(12)]
        assert [a.status_code for a in answers[:10]] == [401] * 10
        assert [a.status_code for a in answers[10:]] == [429] * 2
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert _sign_in(http, person.email.upper(), PASSWORD).status_code == 429  # another spelling is no way round
        assert _sign_in(http, other.email, PASSWORD).status_code == 201  # and nobody else is locked out


def test_an_unknown_account_answers_like_a_wrong_password(
    server: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, without = server.user(password=PASSWORD), server.user()
    checked: list[str] = []
    verify = users._verify
    monkeypatch.setattr(users, "_verify", lambda stored, password: checked.append(stored) or verify(stored, password))
    with httpx.Client(base_url=server.url) as http:
        answers = [_sign_in(http, e, "not the password") for e in (person.email, without.email, "nobody@example.org")]
    assert {(a.status_code, a.content) for a in answers} == {(401, answers[0].content)}
    assert len(checked) == 3  # each took one slow hash


def _http(server: Installation, token: str) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"})


def _sign_in(http: httpx.Client, email: str, password: str) -> Any:
    return http.post("/v1/sign-in", json={"email": email, "password": password})
