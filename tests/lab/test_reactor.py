"""A reactor acts once on what is new to it, whatever is replayed, restarted or repeated."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cqrs_demo import AddProduct, CreateUser, ShopError, UserCreated, open_shop
from cqrs_demo.lab.reactor import PostOffice, Reactor

EVENTFUL = ["two-stores", "event-sourced"]
on_eventful_rungs = pytest.mark.parametrize("rung", EVENTFUL)


def welcome(recorded, post):
    user = recorded.event
    post.send(f"welcome {user.user_id}", user.user_id, f"Welcome, {user.name}")


def sign_up(shop, n):
    shop.send(CreateUser(f"u-{n}", f"User {n}", f"u{n}@example.org"))


@on_eventful_rungs
def test_it_acts_on_what_comes_after_it_and_not_on_what_was_before(rung):
    with open_shop(rung) as shop:
        sign_up(shop, 1)
        mailer = Reactor("mailer", shop, {UserCreated: welcome})
        assert (mailer.run(), mailer.post.sent) == (0, {})
        shop.send(AddProduct("mug", "Mug", 1, 1))
        sign_up(shop, 2)
        assert mailer.run() == 2
        assert [mail.user_id for mail in mailer.post.sent.values()] == ["u-2"]
        assert mailer.checkpoint == shop.position
        assert mailer.run() == 0


@on_eventful_rungs
def test_no_replay_and_no_restart_makes_it_act_again(rung, tmp_path):
    urls = {"write": f"sqlite:///{tmp_path}/w.db", "read": f"sqlite:///{tmp_path}/r.db"}
    with open_shop(rung, **urls) as shop:
        mailer = Reactor("mailer", shop, {UserCreated: welcome})
        sign_up(shop, 1)
        mailer.run()
        shop.deliver()
        for name in shop.projections:
            shop.rebuild(name)
        assert mailer.run() == 0
        sign_up(shop, 2)
    with open_shop(rung, **urls) as shop:
        again = Reactor("mailer", shop, {UserCreated: welcome})
        assert again.run() == 1
        assert list(again.post.sent) == ["welcome u-2"]


@on_eventful_rungs
def test_a_crash_after_acting_makes_it_act_again_and_the_post_sends_once(rung):
    post, tried = PostOffice(), []

    def welcome_and_stop(recorded, post):
        welcome(recorded, post)
        tried.append(recorded.position)
        if len(tried) == 1:
            raise ConnectionError

    with open_shop(rung) as shop:
        mailer = Reactor("mailer", shop, {UserCreated: welcome_and_stop}, post)
        sign_up(shop, 1)
        with pytest.raises(ConnectionError):
            mailer.run()
        assert mailer.checkpoint == 0
        mailer.run()
        assert tried == [1, 1]
        assert len(post.sent) == 1


@settings(max_examples=20, deadline=None)
@given(steps=st.lists(st.sampled_from(["sign up", "product", "run", "rebuild"]), max_size=12))
def test_whatever_the_order_each_user_gets_one_mail(steps):
    with open_shop("event-sourced") as shop:
        mailer = Reactor("mailer", shop, {UserCreated: welcome})
        users = 0
        for n, step in enumerate(steps):
            if step == "sign up":
                users += 1
                sign_up(shop, users)
            elif step == "product":
                shop.send(AddProduct(f"p-{n}", "P", 1, 1))
            elif step == "run":
                mailer.run()
            else:
                shop.rebuild("users")
        mailer.run()
        assert list(mailer.post.sent) == [f"welcome u-{n}" for n in range(1, users + 1)]


def test_two_reactors_do_not_share_a_checkpoint():
    with open_shop("two-stores") as shop:
        one, other = (Reactor(name, shop, {UserCreated: welcome}) for name in "ab")
        sign_up(shop, 1)
        one.run()
        assert (one.checkpoint, other.checkpoint) == (1, 0)
        other.run()
        assert len(one.post.sent) == len(other.post.sent) == 1


@pytest.mark.parametrize("rung", ["crud", "one-database"])
def test_where_there_are_no_events_there_is_nothing_to_react_to(rung):
    with open_shop(rung) as shop, pytest.raises(ShopError, match="has no events"):
        Reactor("mailer", shop, {})


@on_eventful_rungs
def test_what_it_does_is_recorded(rung):
    with open_shop(rung) as shop:
        mailer = Reactor("mailer", shop, {UserCreated: welcome})
        sign_up(shop, 1)
        with shop.record("x") as recording:
            mailer.run()
            mailer.run()
    assert [step.call for step in recording.steps] == ["mailer.run()"] * 4
    assert [step.kind for step in recording.steps] == ["load", "outside", "commit", "load"]
    assert "one mail sent to u-1" in recording.steps[1].note
    assert "no rebuild has moved that" in recording.steps[3].note
