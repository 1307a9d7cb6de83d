"""A flow becomes a drawing in which no two nodes overlap and every move arrives."""

from yiwang.web.drawing import FlowStep, draw_flow

STEPS = (
    FlowStep("confirm", "核实", moves=(("确认", "check"), ("不符", "refused"))),
    FlowStep("check", "复核", moves=(("通过", "granted"), ("退回", "confirm"))),
)
ENDS = {"refused": "不予享受", "granted": "已享受"}


def test_steps_stand_in_the_order_of_their_distance_and_ends_stand_last():
    drawing = draw_flow(STEPS, ends=ENDS)
    column = {node.id: node.x for node in drawing.nodes}

    assert column["confirm"] < column["check"] < column["granted"] == column["refused"]


def test_no_two_nodes_stand_at_the_same_place_and_all_lie_inside():
    drawing = draw_flow(STEPS, ends=ENDS)
    places = [(node.x, node.y) for node in drawing.nodes]

    assert len(set(places)) == len(places)
    width, height = drawing.box
    assert all(x + width <= drawing.width and y + height <= drawing.height for x, y in places)


def test_every_move_is_drawn_and_a_way_back_is_marked():
    edges = draw_flow(STEPS, ends=ENDS).edges

    assert {edge.title: edge.is_back for edge in edges} == {
        "确认": False,
        "不符": False,
        "通过": False,
        "退回": True,
    }


def test_the_present_step_and_the_done_ones_are_marked():
    nodes = draw_flow(STEPS, ends=ENDS, now="check", done=["confirm"]).nodes

    assert {node.id: node.state for node in nodes} == {
        "confirm": "done",
        "check": "now",
        "granted": "end",
        "refused": "end",
    }


def test_a_step_that_nothing_leads_to_and_a_step_that_leads_to_itself_are_still_drawn():
    steps = (
        FlowStep("one", "一", moves=(("续办", "one"), ("办结", "end"))),
        FlowStep("lost", "孤立"),
    )

    assert {node.id for node in draw_flow(steps, ends={"end": "结束"}).nodes} == {
        "one",
        "lost",
        "end",
    }
