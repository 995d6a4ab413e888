module example.com/pxb-fed/fleet

go 1.26
