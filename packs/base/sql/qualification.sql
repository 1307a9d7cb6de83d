SELECT cert_no, uscc, level, issued_on, valid_until
FROM base.building_license
