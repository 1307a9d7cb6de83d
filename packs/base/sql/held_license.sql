SELECT
  l.number AS number,
  l.holder AS id_number,
  k.title AS kind,
  l.authority AS authority,
  l.issued_on AS issued_on,
  l.valid_until AS valid_until
FROM base.license AS l
JOIN base.license_kind AS k
  ON k.code = l.kind
JOIN base.person AS p
  ON p.id_number = l.holder
