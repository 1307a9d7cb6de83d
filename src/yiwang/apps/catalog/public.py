"""The door of the catalogue: datasets and registers described, collections recorded and scored."""

RIGHTS = {
    "catalog.read": "查看数据目录、名录与归集批次",
    "catalog.quarantine": "查看本机构归集表的隔离数据",
    "catalog.quarantine.all": "查看全部归集表的隔离数据",
}
