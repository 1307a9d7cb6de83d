SELECT
  mother_id,
  cert_no,
  child_name,
  born_on,
  father_id
FROM (
  SELECT
    UPPER(mother_id) AS mother_id,
    cert_no,
    child_name,
    born_on,
    UPPER(father_id) AS father_id,
    ROW_NUMBER() OVER (PARTITION BY UPPER(mother_id) ORDER BY born_on DESC NULLS LAST, cert_no) AS turn
  FROM base.birth
  WHERE mother_id IS NOT NULL
) AS s
WHERE turn = 1
