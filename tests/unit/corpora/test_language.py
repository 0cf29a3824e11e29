import pytest

from seg_ml.corpora.language import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We have sent the parcel and it will be with you on Monday", "en"),
        ("Wir haben Ihre Bestellung erhalten und werden sie nicht sofort mit der Post senden", "de"),
        ("Nous avons reçu votre commande et vous pouvez la suivre dans votre espace", "fr"),
        ("Você não precisa fazer mais nada para receber sua encomenda em casa", "pt"),
        ("Wij hebben het pakket niet voor u naar het adres van uw buren gebracht", "nl"),
        ("Su pedido está en camino, pero usted no estaba en casa para los repartidores", "es"),
        ("Questo è il messaggio che non abbiamo letto nella posta della settimana", "it"),
        ("", None),
        ("12345 !!!", None),
        ("привет как дела", None),
    ],
)
def test_language(text, expected):
    assert language(text) == expected
