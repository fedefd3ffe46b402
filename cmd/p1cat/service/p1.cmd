@echo off
rem The pipe from the cable to the archive, and verified telegrams at port 2001 of
rem this machine. Stands beside the five commands; p1-task.xml starts it with Windows.
rem The Task Scheduler does not see that a program in a pipe has failed: hence again.
setlocal
set HERE=%~dp0
set DATA=%ProgramData%\p1
if not defined P1_PORT set P1_PORT=COM3
if not exist "%DATA%\archive" mkdir "%DATA%\archive"
:again
rem One redirection for all: cmd opens the file for one writer only.
("%HERE%p1cat" --archive "%DATA%\archive" --keep 400d %P1_PORT% | "%HERE%p1frame" | "%HERE%p1fix" --lookahead 0 --state "%DATA%\meters.json" | "%HERE%p1cat" --serve tcp://127.0.0.1:2001) 2>>"%DATA%\p1.log"
rem timeout needs a console, which a task has not
ping -n 6 127.0.0.1 >nul
goto again
