SELECT
  l.number AS number,
  k.code AS kind,
  UPPER(l.holder) AS holder,
  l.authority AS authority,
  l.issued_on AS issued_on,
  l.valid_until AS valid_until
FROM base.license_index AS l
JOIN base.license_kind AS k
  ON k.title = l.kind
