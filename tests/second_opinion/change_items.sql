-- call: '2024-04-30', '2024-05-31', 4
-- call: '2024-03-31', '2024-05-31', 3, 'customer'
-- call: '2024-04-30', '2024-05-31', 5, 'segment'
-- call: '2024-04-10', '2024-04-25', 3, 'collector'
-- call: '2024-02-29', '2024-06-30', 2, 'currency'
-- call: '2024-05-31', '2024-05-31', 5
select * from change_of_document where coalesce(amount, days, points) <> 0
