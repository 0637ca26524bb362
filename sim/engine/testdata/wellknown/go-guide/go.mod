module github.com/olliefr/docker-gs-ping

go 1.19

require github.com/labstack/echo/v4 v4.10.2
