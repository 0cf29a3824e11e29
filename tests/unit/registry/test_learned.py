"""The record of what a version learned from: kept, read again, and asked about mail."""

import pandas as pd

from seg_ml.registry.learned import LEARNED, TAG, Learned, learned_of, log_learned
from seg_ml.registry.register import register
from seg_ml.registry.runs import start_run
from seg_ml.registry.versions import version_info


def _mail(*rows):
    """Messages as (hash, campaign), each written as one hexadecimal digit."""
    return pd.DataFrame([(sha * 64, cluster * 16) for sha, cluster in rows], columns=["sha256", "cluster"])


def _registered(settings, artifact, origin, learned, spoil=False):
    with start_run("test", origin, settings) as run:
        tags = log_learned(run, learned) if learned else {}
        if spoil:
            tags = {TAG: "0" * 64}
        version = register(artifact, run, origin, tags=tags)
    return version_info(str(version), settings=settings)


def test_record_is_kept_with_the_run_and_beside_no_model(settings, artifact, origin):
    learned = Learned.of(_mail("11", "21", "33"))
    info = _registered(settings, artifact, origin, learned)
    assert learned_of(info, settings) == learned
    assert learned.messages == {"1" * 16, "2" * 16, "3" * 16} and learned.campaigns == {"1" * 16, "3" * 16}
    assert not list(artifact.rglob(LEARNED))


def test_no_record_or_another_than_was_written_says_nothing(settings, artifact, origin):
    assert learned_of(_registered(settings, artifact, origin, None), settings) is None
    spoiled = _registered(settings, artifact, origin, Learned.of(_mail("11")), spoil=True)
    assert learned_of(spoiled, settings) is None
    with start_run("test", origin, settings) as run:
        version = register(artifact, run, origin, tags={TAG: "0" * 64})
    assert learned_of(version_info(str(version), settings=settings), settings) is None


def test_a_message_is_known_by_itself_or_by_any_of_its_campaign():
    learned = Learned.of(_mail("11", "54"))
    mail = _mail(
        "11",  # learned from
        "21",  # of a campaign of that name
        "59", "69",  # of a campaign that has another name since other mail joined it
        "44",  # a near copy that was left out then gave the campaign its name
        "7a", "8b",  # not met
    )  # fmt: skip
    assert learned.knows(mail).tolist() == [True, True, True, True, True, False, False]
    assert (Learned.of(_mail("7a")) | learned).knows(mail).tolist() == [True] * 6 + [False]
