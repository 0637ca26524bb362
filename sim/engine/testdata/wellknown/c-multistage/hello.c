#include <stdio.h>

int main(void)
{
	puts("Hello from Docker!");
	return 0;
}
