"""What a reader sees of an HTML part, as styles have it."""

import pytest

from seg_ml.mail.html import HtmlView, read_html
from seg_ml.mail.limits import DEFAULT_LIMITS
from seg_ml.mail.style import sheet_of

COLUMN = (
    '<div style="font-size:0px;text-align:left;direction:ltr;display:inline-block;vertical-align:top;width:100%;">'
    '<table><tr><td align="left" style="font-size:0px;padding:10px 25px;word-break:break-word;">'
    '<div style="font-family:Arial;font-size:14px;line-height:20px;color:#3d4852;">Your parcel is on its way</div>'
    "</td></tr></table></div>"
)
"""How frameworks for mail write a column: its gaps have no size, what stands in it has."""


def view(html: str) -> HtmlView:
    return read_html(html, DEFAULT_LIMITS)


@pytest.mark.parametrize(
    "html",
    [
        COLUMN,
        '<p style="font-size:1em">words</p>',
        '<p style="font-size:100%">words</p>',
        '<table><tr><td style="font-size:0"><p style="font:400 16px/24px Georgia">words</p></td>',
        '<table><tr><td style="font-size:0"><font size="2">words</font></td>',
        '<table><tr><td style="font-size:0;line-height:0"><span style="font-size:1rem">words</span></td>',
        '<table><tr><td style="font-size:0;line-height:0"><span style="font-size:small">words</span></td>',
        # Outlook alone does not show it: there it stands in a condition of its own.
        '<a href="https://a.example" style="background-color:#1a73e8;color:#fff;mso-hide:all">words</a>',
        '<table><tr><td style="background:linear-gradient(90deg,#123,#456)"><p style="color:#fff">words</p></td>',
        '<table><tr><td background="https://a.example/sky.png"><p style="color:#ffffff">words</p></td>',
        '<table><tr><td style="background-image:url(https://a.example/sky.png)"><p style="color:#ffffff">words</p></td>',
        '<table><tr><td bgcolor="navy"><font color="white">words</font></td>',
        '<table><tr><td style="background:rgb(10, 20, 30)"><p style="color:#fff">words</p></td>',
        "<style>.dark { background: #222222 }</style><table><tr><td class='dark'><p style='color:#fff'>words</p></td>",
        "<style>@media (max-width: 600px) { .wide { display: none !important } }</style><p class='wide'>words</p>",
        "<style>p.note .x, a:hover { display: none }</style><p class='note x'>words</p>",
        "<style media='print'>p { display: none }</style><p>words</p>",
        "<style type='text/x-template'>p { display: none }</style><p>words</p>",
        '<p style="color:#fff"><span style="color:#333">words</span></p>',
        '<p style="color:#ffffff"><a href="https://a.example">words</a></p>',
        '<p style="max-height:0">words</p>',
        '<p style="opacity:0.9;left:-10px;text-indent:-9px">words</p>',
    ],
)
def test_what_a_program_shows_is_seen(html: str) -> None:
    found = view(html)
    assert found.text and not found.hidden and not found.facts.hidden_elements


@pytest.mark.parametrize(
    "html",
    [
        '<p style="display:none;font-size:14px">words</p>',
        '<p style="DISPLAY : NONE !important">words</p>',
        '<div style="display:none"><p style="display:block">words</p></div>',
        '<p style="visibility:hidden">words</p>',
        '<p style="opacity:0">words</p>',
        '<p style="opacity:0.0;color:#333">words</p>',
        '<p style="font-size:0">words</p>',
        '<p style="font-size:.5px">words</p>',
        '<p style="font-size:1px">words</p>',
        '<p style="font:0/0 a">words</p>',
        '<p style="font-size:0"><b style="font-size:2em">words</b></p>',
        '<p style="max-height:0px;overflow:hidden">words</p>',
        '<p style="height:0;overflow:hidden">words</p>',
        '<p style="position:absolute;left:-9999px">words</p>',
        '<p style="text-indent:-999px">words</p>',
        "<p hidden>words</p>",
        '<p style="color:#fff">words</p>',
        '<p style="color:rgb(255,255,255)">words</p>',
        '<p style="color:transparent">words</p>',
        '<p style="color:rgba(0, 0, 0, 0)">words</p>',
        '<table><tr><td bgcolor="#336699"><font color="#336699">words</font></td>',
        '<table><tr><td style="color:#123456"><p style="background-color:#123456">words</p></td>',
        "<style>.preheader { display: none }</style><p class='preheader'>words</p>",
        "<style type='text/css' media='screen'>.preheader { display: none }</style><p class='preheader'>words</p>",
        "<style>/* a note */ h6, #salt { font-size: 0 }</style><p id='salt'>words</p>",
        "<style>@media print { p { color: red } } .salt { color: #fff }</style><p class='Salt'>words</p>",
    ],
)
def test_what_it_does_not_show_is_hidden(html: str) -> None:
    found = view(html)
    assert (found.hidden, found.text, found.facts.hidden_elements) == ("words", "", 1)


def test_a_hidden_line_above_a_framework_s_columns_is_all_that_is_hidden() -> None:
    found = view(f'<div style="display:none;font-size:1px;max-height:0">At noon</div>{COLUMN}')
    assert (found.hidden, found.text) == ("At noon", "Your parcel is on its way")


@pytest.mark.parametrize(
    "css",
    [
        "", "}", "{", "p {", "@media { p { color: red", "a{b:c}" * 99_999, "@" * 999_999, "{" * 999_999, "/*" * 999_999,
        "x " * 999_999, "a," * 99_999 + "b{color:red}", "a{" + "b:c;" * 99_999,
    ],
)  # fmt: skip
def test_a_broken_sheet_is_read_as_far_as_it_goes(css: str) -> None:
    assert isinstance(sheet_of(css), dict)
