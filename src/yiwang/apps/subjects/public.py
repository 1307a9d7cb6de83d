"""The door of the files: one person's or firm's file, field by field, and who looked at it."""

RIGHTS = {
    "subjects.file": "凭用途和办件编号查看一人一档、一企一档",
    "subjects.file.clear": "查看档案中的敏感字段原文",
}
