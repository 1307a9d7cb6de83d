SELECT
  a.id_number AS id_number,
  a.account AS account,
  s.code AS status
FROM (
  SELECT
    UPPER(id_number) AS id_number,
    account,
    status,
    ROW_NUMBER() OVER (
      PARTITION BY UPPER(id_number)
      ORDER BY CASE WHEN status = '正常' THEN 0 ELSE 1 END, account
    ) AS turn
  FROM base.bank_account
) AS a
LEFT JOIN base.account_status AS s
  ON s.title = a.status
WHERE a.turn = 1
