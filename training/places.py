"""Make src/rag/data/places.txt: Chinese place names with the places above them.

    python -m training.places

Source: CC-CEDICT glosses such as "Pei county in Xuzhou 徐州[Xu2 zhou1], Jiangsu"
(CC BY-SA 4.0). One line a name: name, then the Chinese names found in its gloss
and the province named in English, separated by spaces. Cities also appear
without 市, where that is no ordinary word (东方市, but not 东方). The product
uses the list to notice that a question is about a place no report covers.
"""

from __future__ import annotations

import re
from pathlib import Path

from training.data import cedict

PROVINCES = {
    "Beijing": "北京", "Tianjin": "天津", "Hebei": "河北", "Shanxi": "山西",
    "Inner Mongolia": "内蒙古", "Liaoning": "辽宁", "Jilin": "吉林", "Heilongjiang": "黑龙江",
    "Shanghai": "上海", "Jiangsu": "江苏", "Zhejiang": "浙江", "Anhui": "安徽", "Fujian": "福建",
    "Jiangxi": "江西", "Shandong": "山东", "Henan": "河南", "Hubei": "湖北", "Hunan": "湖南",
    "Guangdong": "广东", "Guangxi": "广西", "Hainan": "海南", "Chongqing": "重庆",
    "Sichuan": "四川", "Guizhou": "贵州", "Yunnan": "云南", "Tibet": "西藏", "Shaanxi": "陕西",
    "Gansu": "甘肃", "Qinghai": "青海", "Ningxia": "宁夏", "Xinjiang": "新疆",
    "Taiwan": "台湾", "Hong Kong": "香港", "Macau": "澳门", "Macao": "澳门",
}  # fmt: skip
OUT = Path(__file__).resolve().parents[1] / "src" / "rag" / "data" / "places.txt"
GENERIC = {"城区", "郊区", "矿区", "市区", "新区", "东区", "西区", "南区", "北区", "中区"}
_KIND = re.compile(
    r"\b(county|county-level city|city|district|prefecture|banner|province|municipality"
    r"|autonomous region|provincial capital)\b"
)
_HAN = re.compile(r"([\u4e00-\u9fff]+)(?:\|([\u4e00-\u9fff]+))?\[")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,8}(?:省|市|县|区|州|盟|旗)")


def main() -> None:
    places: dict[str, set[str]] = {p: set() for p in PROVINCES.values()}
    common = {word for word, is_name, _ in cedict() if not is_name}
    for word, _, glosses in cedict():
        for gloss in glosses:
            provinces = [zh for en, zh in PROVINCES.items() if re.search(rf"\b{en}\b", gloss)]
            if not (_KIND.search(gloss) and provinces) or gloss.startswith(("variant", "old name")):
                continue
            if not _NAME.fullmatch(word) and not re.fullmatch(r"[\u4e00-\u9fff]{2,3}", word):
                continue
            if re.search(r"\b(former|old|historic|ancient|dynasty)\b", gloss):
                continue
            above = {m[2] or m[1] for m in _HAN.finditer(gloss)} | set(provinces)
            if word in common or word in GENERIC:
                continue
            places.setdefault(word, set()).update(above - {word})
            short = word.removesuffix("市")
            if word.endswith("市") and len(short) > 1 and short not in common:
                places.setdefault(short, set()).update((above | {word}) - {short})
            break
    lines = [" ".join([name, *sorted(above)]) for name, above in sorted(places.items())]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} names, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
