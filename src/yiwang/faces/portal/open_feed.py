"""Changes of open data as Atom and RSS: what is new, renewed or withdrawn."""

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.views.decorators.http import require_safe

from yiwang.apps.exchange import public as exchange
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotFound
from yiwang.web import names
from yiwang.web.routes import PUBLIC, route
from yiwang.web.shell import place

FORMS = {"atom": Atom1Feed, "rss": Rss201rev2Feed}
LENGTH = 50


class FeedUnknown(NotFound):
    """Changes are told as atom and rss."""

    code = "portal.open_feed_unknown"


@require_safe
def changes(request: HttpRequest, form: str) -> HttpResponse:
    """The latest changes, withdrawals among them."""
    if form not in FORMS:
        raise FeedUnknown("没有这种订阅。", hint="可用：atom、rss。")
    asked = exchange.Asked(limit=LENGTH, includes_withdrawn=True)
    site = request.build_absolute_uri("/").rstrip("/")
    feed = FORMS[form](
        title=f"{place().title}开放数据更新",
        link=f"{site}/open/",
        description="新开放、更新和撤下的数据集",
        language="zh-hans",
        feed_url=request.build_absolute_uri(),
    )
    for one in exchange.search_releases(asked, at=system_clock()).releases:
        feed.add_item(
            title=f"{_what(one)}：{one.title}",
            link=f"{site}/open/{one.name}/",
            description=one.reason if one.state == "withdrawn" else one.description,
            unique_id=f"urn:uuid:{one.ident}",
            pubdate=one.published_at,
            updateddate=one.changed_at,
            author_name=names.organ(one.organ),
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _what(one: exchange.ReleaseView) -> str:
    if one.state == "withdrawn":
        return "撤下"
    return "新开放" if one.version == 1 else f"更新（第 {one.version} 版）"


routes = [route("open/changes.<str:form>", changes, right=PUBLIC, name="open_changes")]
