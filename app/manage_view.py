"""What a person who manages the reports sees → HTML. Pure functions; manage.js brings it alive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from app.markup import attribute, clip, date_text, inert, origin_html
from app.serving import Progress
from rag.collection import Removed
from rag.corpus import MAX_BYTES, SUFFIXES
from rag.intake import Entry, Facts
from rag.types import Document

REMOVED_SHOWN = 20
_FIELDS = (
    ("title", "标题", ""),
    ("source", "来源", "如 盐城晚报"),
    ("region", "地区", "从省写起，如 江苏省/盐城市/阜宁县"),
    ("published", "发布日期", "如 2023-02-02，只知道年份就写 2023"),
)
_MISSING = (("source", "来源"), ("region", "地区"), ("published", "发布日期"))


@dataclass(frozen=True, slots=True)
class State:
    """The folder as it is, the reports that answer now, and the rebuild."""

    entries: Sequence[Entry]
    removed: Sequence[Removed]
    documents: Mapping[str, Document]
    progress: Progress


def sign_in_html() -> str:
    """What asks for the password."""
    return (
        '<section class="manage"><h2 tabindex="-1">管理报告</h2>'
        '<p class="lead">增删报告需要密码。</p>'
        '<form class="sign-in"><label>密码'
        '<input type="password" name="password" autocomplete="current-password" required>'
        '</label><p class="error" role="alert"></p>'
        '<div class="foot"><button type="submit" class="go">进入</button></div></form></section>'
    )


def manage_html(state: State, *, signed_in: bool) -> str:
    """The whole view. signed_in: whether there is a session that one can leave."""
    leave = '<button type="button" class="leave">退出管理</button>' if signed_in else ""
    kinds = "、".join(SUFFIXES)
    ordered = sorted(state.entries, key=lambda e: _order(e, state.documents))
    items = "".join(_item_html(e, state.documents) for e in ordered)
    return (
        f'<section class="manage"><h2 tabindex="-1">管理报告</h2>'
        f'<p class="lead">放进来的报告，重建索引之后才能查到。{leave}</p>'
        f'<div class="dropzone" data-kinds="{attribute(",".join(SUFFIXES))}" data-most="{MAX_BYTES}">'
        '<p><span class="drag">把报告拖到这里，或者</span><label class="choose">选择文件'
        f'<input type="file" multiple accept="{attribute(",".join(SUFFIXES))}"></label></p>'
        f'<p class="meta">{inert(kinds)} 文件，每份最多{MAX_BYTES // 2**20} MB</p></div>'
        '<ul class="told" aria-live="polite"></ul>'
        f"{build_html(state)}"
        f'<ul class="entries" aria-label="全部报告">{items}</ul>'
        f"{_removed_html(state.removed)}{_form_html(state.entries)}</section>"
    )


# ---- the rebuild ---------------------------------------------------------------------------


def build_html(state: State) -> str:
    """How things stand between the folder and the index, and the button that settles it."""
    progress = state.progress
    if progress.step:
        return (
            '<div class="build" data-running="true"><div class="status">'
            f"{_running_html(progress)}</div></div>"
        )
    waiting = _waiting(state)
    said = [f'<p class="failed">重建没有成功：{_sentence(progress.error)}原来的索引照常回答。</p>']
    said = said if progress.error else []
    if progress.finished:
        said.append(
            f"<p>重建完成：{progress.documents}份报告，{progress.passages}个段落。</p>"
            + _skipped_html(progress.skipped)
        )
    if waiting:
        said.append(f"<p>{'，'.join(waiting)}，还没有重建；现在按原来的内容回答。</p>")
    elif not said:
        said.append("<p>索引与报告一致。</p>")
    look = ' class="rebuild go"' if waiting else ' class="rebuild"'
    return (
        f'<div class="build"><div class="status">{"".join(said)}</div>'
        f'<button type="button"{look}>重建索引</button></div>'
    )


def _running_html(progress: Progress) -> str:
    """A bar that is filled only where it is known how far things are."""
    known = progress.total > 0
    share = f"（{100 * progress.done // progress.total}%）" if known else ""
    filled = f' max="{progress.total}" value="{progress.done}"' if known else ""
    return (
        f"<p>{progress.step}{share}……原来的索引照常回答。</p>"
        f'<progress{filled} aria-label="重建进度"></progress>'
    )


def _waiting(state: State) -> list[str]:
    """What the index does not know yet, in words."""
    conditions = [_condition(e, state.documents) for e in state.entries]
    readable = {e.doc_id for e in state.entries if not e.reason}
    gone = len(set(state.documents) - readable)
    counts = (
        ("新增", conditions.count("new")),
        ("修改", conditions.count("changed")),
        ("移除", gone),
    )
    return [f"{name}{count}份" for name, count in counts if count]


def _condition(entry: Entry, documents: Mapping[str, Document]) -> str:
    if entry.reason:
        return "bad"
    known = documents.get(entry.doc_id)
    if known is None:
        return "new"
    return "" if known.sha256 == entry.sha256 else "changed"


def _skipped_html(skipped: Sequence[tuple[str, str]]) -> str:
    if not skipped:
        return ""
    items = "".join(f"<li>{inert(name)}：{_sentence(reason)}</li>" for name, reason in skipped)
    return (
        f'<p class="failed">{len(skipped)}个文件没有收进索引：</p><ul class="skipped">{items}</ul>'
    )


def _sentence(text: str) -> str:
    return inert(text if text.endswith("。") else f"{text}。")


# ---- the reports ---------------------------------------------------------------------------


def _order(entry: Entry, documents: Mapping[str, Document]) -> tuple[int, str, str, str]:
    """What needs attention first, then by place and date like the list of reports."""
    rank = {"bad": 0, "new": 1, "changed": 2, "": 3}[_condition(entry, documents)]
    return rank, entry.facts.region, entry.facts.published, entry.name


def _item_html(entry: Entry, documents: Mapping[str, Document]) -> str:
    condition = _condition(entry, documents)
    title = inert(clip(entry.facts.title or entry.name, 120))
    badge = {"new": "新增，待重建", "changed": "已改，待重建", "bad": "读不出来", "": ""}[condition]
    badge = f'<span class="badge">{badge}</span>' if badge else ""
    facts = "".join(
        f' data-{key}="{attribute(value)}"' for key, value in asdict(entry.facts).items()
    )
    edit = (
        f'<button type="button" class="edit" aria-expanded="false" aria-label="修改：{title}">修改'
        "</button>"
    )
    return (
        f'<li class="{condition}" data-name="{attribute(entry.name)}" data-seen="{entry.sha256}"'
        f'{facts}><p class="title">{title}{badge}</p>{_about_html(entry)}'
        f'<div class="foot"><p class="meta file">{_file(entry)}</p>'
        f'<div class="acts">{"" if entry.reason else edit}'
        f'<button type="button" class="remove" aria-label="移除：{title}">移除</button>'
        "</div></div></li>"
    )


def _file(entry: Entry) -> str:
    return "" if entry.reason else f"{inert(entry.name)}，{entry.characters}字"


def _about_html(entry: Entry) -> str:
    if entry.reason:
        return f'<p class="why failed">{_sentence(entry.reason)}</p>'
    facts: Facts = entry.facts
    date = date_text(facts.published, entry.inferred) if facts.published or entry.inferred else ""
    said = origin_html(facts.region, date, facts.source)
    missing = [name for key, name in _MISSING if not getattr(facts, key)]
    missing = [name for name in missing if not (name == "发布日期" and entry.inferred)]
    lacks = f'<span class="lacks">未填{"、".join(missing)}</span>' if missing else ""
    return f'<p class="meta">{said}{lacks}</p>'


def _form_html(entries: Sequence[Entry]) -> str:
    """Cloned by the script below the report that is being described."""
    known_to = {"region": ' list="known-regions"'}
    labels = "".join(
        f'<label>{name}<input name="{key}" maxlength="200" placeholder="{hint}" autocomplete="off"'
        f"{known_to.get(key, '')}></label>"
        for key, name, hint in _FIELDS
    )
    regions = sorted({e.facts.region for e in entries if e.facts.region})
    known = "".join(f'<option value="{attribute(region)}">' for region in regions)
    return (
        f'<datalist id="known-regions">{known}</datalist>'
        f'<template><form class="describe">{labels}<p class="error" role="alert"></p>'
        '<div class="foot"><button type="submit" class="go">保存</button>'
        '<button type="button" class="cancel">取消</button></div></form></template>'
    )


def _removed_html(removed: Sequence[Removed]) -> str:
    if not removed:
        return '<details class="bin" hidden></details>'
    items = "".join(
        f'<li data-token="{attribute(one.token)}"><p class="meta file">{inert(one.name)}</p>'
        f'<div class="foot"><p class="meta">{inert(one.at)}移除</p>'
        f'<button type="button" class="put-back" aria-label="放回：{inert(one.name)}">放回</button>'
        "</div></li>"
        for one in removed[:REMOVED_SHOWN]
    )
    more = len(removed) - REMOVED_SHOWN
    rest = f'<p class="meta">更早的{more}份也还在，请联系管理员。</p>' if more > 0 else ""
    return (
        f'<details class="bin"><summary>移除的报告（{len(removed)}份）</summary>'
        f"<ul>{items}</ul>{rest}</details>"
    )
