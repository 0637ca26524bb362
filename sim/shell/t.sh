echo hi; nosuch
< /nosuch
cd /nosuch
echo $((1/0))