from tests.edge.conftest import Edge


async def test_batch_reaches_the_log(edge: Edge):
    answer = await edge.post("/v1/batch", {"batch": [{"type": "track", "event": "Ordered", "userId": "u1", "messageId": "m1"}]})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    (one,) = await edge.stored()
    assert (one.kind, one.name, one.user_id, one.message_id) == ("track", "Ordered", "u1", "m1")
