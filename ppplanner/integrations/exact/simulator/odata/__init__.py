"""The query options Exact understands: $filter, $select, $expand, $orderby and paging."""
