# On a clock that counts instructions; QEMU exits with the firmware's status.
run: $(FIRMWARE)
	qemu-system-arm -M @QEMU_MACHINE@ -display none -monitor none -serial null -chardev stdio,id=console \
	  -semihosting-config enable=on,target=native,chardev=console -icount shift=0 -kernel $<@LOADERS@

