"""Whose paper it is by the web address on it."""

from __future__ import annotations

import pytest

from extraction.paper import Placed, document
from extraction.test_weighing import asked
from fieldproof.extraction.scene import scene_of
from fieldproof.extraction.web_names import is_called


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("info@medienpilot.de", "medienpilot"),
        ("www.azure-interior.com", "azureinterior"),
        ("https://shop.acme-tools.co.uk/contact", "acmetools"),
    ],
)
def test_an_address_is_called_as_its_domain(address: str, name: str):
    assert scene_of(document([(40, 40, address)])).web_names == {name}


@pytest.mark.parametrize("address", ["somebody@gmail.com", "info@abc.de", "a.b@t-online.de"])
def test_a_mail_provider_and_a_few_letters_tell_nobody(address: str):
    assert not scene_of(document([(40, 40, address)])).web_names


@pytest.mark.parametrize(
    ("company", "is_its"),
    [
        ("Azure Interior", True),
        ("Azure Interior GmbH", True),
        ("Azure", True),
        ("Interior Azure", False),
        ("YourCompany", False),
    ],
)
def test_a_company_is_called_as_its_address(company: str, is_its: bool):
    assert is_called(company, frozenset(["azureinterior"])) == is_its


@pytest.mark.parametrize("address", ["http://www.azure-interior.com", "office@azure-interior.com"])
def test_of_two_names_the_seller_is_whose_address_stands_there(address: str):
    page: list[Placed] = [(40, 40, "Lumber Mill"), (300, 40, "Azure Interior"), (40, 700, address)]
    assert asked(page, "name", group="seller") == "Azure Interior"


def test_the_address_of_whom_it_is_sent_to_is_not_the_senders():
    page: list[Placed] = [
        (40, 40, "Bill to:"),
        (40, 52, "Lumber Mill"),
        (40, 64, "www.lumbermill.com"),
        (40, 700, "office@azure-interior.com"),
    ]
    assert scene_of(document(page)).web_names == {"azureinterior"}
