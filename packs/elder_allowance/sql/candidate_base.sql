SELECT
  r.id_number AS id_number,
  r.name AS name,
  r.birth_on AS birth_on,
  r.division AS division,
  r.township AS township,
  r.phone AS phone,
  r.is_alive AS is_alive,
  r.death_on AS death_on,
  a.account AS account,
  s.code AS account_status,
  h.holders AS account_holders
FROM base.resident AS r
LEFT JOIN (
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
  ON a.id_number = r.id_number AND a.turn = 1
LEFT JOIN base.account_status AS s
  ON s.title = a.status
LEFT JOIN (
  SELECT account, COUNT(DISTINCT UPPER(id_number)) AS holders
  FROM base.bank_account
  GROUP BY account
) AS h
  ON h.account = a.account
