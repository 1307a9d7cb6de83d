SELECT
  register_no || '-' || side AS number,
  id_number,
  kind,
  registered_on
FROM (
  SELECT register_no, '1' AS side, UPPER(husband_id) AS id_number, kind, registered_on
  FROM base.marriage
  UNION ALL
  SELECT register_no, '2', UPPER(wife_id), kind, registered_on
  FROM base.marriage
) AS s
