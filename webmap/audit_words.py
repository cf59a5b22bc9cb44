"""Words of the page that shows the audit log."""

from typing import Any

Words = dict[str, Any]

WORDS: dict[str, Words] = {
    "zh-CN": {
        "columns": ("编号", "时间", "账号", "角色", "地址", "对象", "结果", "字段", "事由"),
        "outcome": {"done": "已查看", "not_permitted": "无权限", "too_many": "超次数", "not_found": "无此人或不在辖区",
                    "not_concerned": "事由与本楼无关", "names_person": "说明中含个人信息", "no_key": "密钥缺失",
                    "applied": "采集已入库", "conflict": "采集有冲突", "refused": "采集被退回", "kept": "以记录为准",
                    "made": "链接已生成", "renewed": "链接已换新", "changed": "链接已修改", "revoked": "链接已收回",
                    "opened": "链接被打开", "left": "链接已退出"},
        "action": {"reveal": "居民", "survey": "采集", "settle": "采集核对", "photo": "采集照片", "link": "访问链接"},
        "field": {"name": "姓名", "phone": "电话", "id_number": "身份证号"},
        "reason": {"alarm": "处置告警", "event": "处理事件", "emergency": "应急处置", "visit": "入户走访",
                   "case": "案件办理", "verify": "信息核实", "other": "其他"},
    },
    "en": {
        "columns": ("No.", "Time", "Account", "Roles", "Address", "Of what", "Outcome", "Fields", "Reason"),
        "outcome": {"done": "Seen", "not_permitted": "Not permitted", "too_many": "Too many",
                    "not_found": "Not there, or elsewhere", "not_concerned": "Not of this building",
                    "names_person": "Words name the person", "no_key": "Key missing", "applied": "Survey taken",
                    "conflict": "Survey in conflict", "refused": "Survey refused", "kept": "Record stands",
                    "made": "Link made", "renewed": "Link renewed", "changed": "Link changed",
                    "revoked": "Link revoked", "opened": "Link opened", "left": "Link left"},
        "action": {"reveal": "Resident", "survey": "Survey", "settle": "Survey settled", "photo": "Photograph",
                   "link": "Access link"},
        "field": {"name": "name", "phone": "telephone", "id_number": "identity no."},
        "reason": {"alarm": "Alarm", "event": "Event", "emergency": "Emergency", "visit": "Visit", "case": "Case",
                   "verify": "Checking a record", "other": "Other"},
    },
}
