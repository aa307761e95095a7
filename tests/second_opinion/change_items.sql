-- call: '2024-04-30', '2024-05-31', 'company', 4
-- call: '2024-03-31', '2024-05-31', 'customer', 3
-- call: '2024-04-30', '2024-05-31', 'segment', 5
-- call: '2024-04-10', '2024-04-25', 'collector', 3
-- call: '2024-02-29', '2024-06-30', 'currency', 2
-- call: '2024-05-31', '2024-05-31', 'company', 5
select * from change_of_document where coalesce(amount, days, points) <> 0
