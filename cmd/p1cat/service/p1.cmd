@echo off
rem The pipe from the cable to the archive, and verified telegrams at port 2001 of
rem this machine. Stands beside the five commands; p1-task.xml starts it with Windows.
rem The Task Scheduler does not see that a program in a pipe has failed: hence again.
rem What an account has made here no other one may write, not even LOCAL SERVICE what
rem an administrator has left when he tried this: then it goes on in a folder of its own.
setlocal
set "HERE=%~dp0"
set "DATA=%ProgramData%\p1"
if not defined P1_PORT set P1_PORT=COM3
if not defined USERNAME set USERNAME=service
set TRIES=0
:choose
call :writable
if not errorlevel 1 goto again
set /a TRIES+=1
rem a p1.cmd that has just ended may hold its files for a moment
call :pause
if %TRIES% lss 3 goto choose
set "SAID=p1.cmd: %DATA% cannot be written by %USERNAME%: another account has made it, or another p1.cmd runs. This one keeps its archive, state and log in %DATA%-%USERNAME%"
set "DATA=%DATA%-%USERNAME%"
call :writable
if errorlevel 1 goto fail
echo "%SAID%"
>>"%DATA%\p1.log" echo "%SAID%"
:again
rem One redirection for all: cmd opens the file for one writer only.
("%HERE%p1cat" --archive "%DATA%\archive" --keep 400d %P1_PORT% | "%HERE%p1frame" | "%HERE%p1fix" --lookahead 0 --state "%DATA%\meters.json" | "%HERE%p1cat" --serve tcp://127.0.0.1:2001) 2>>"%DATA%\p1.log"
call :pause
goto again

:fail
echo "p1.cmd: %DATA% cannot be written by %USERNAME% either: let an administrator give that right"
exit /b 1

rem whether this account can write what is there, and make what is not
:writable
if not exist "%DATA%\archive\" mkdir "%DATA%\archive"
call :append "%DATA%\p1.log"
if errorlevel 1 exit /b 1
if exist "%DATA%\meters.json" call :append "%DATA%\meters.json"
if errorlevel 1 exit /b 1
if exist "%DATA%\meters.json.lock" call :append "%DATA%\meters.json.lock"
if errorlevel 1 exit /b 1
exit /b 0

rem fails where nothing can be added to the file; adds nothing
:append
type nul >>%1 && exit /b 0
exit /b 1

rem timeout needs a console, which a task has not
:pause
ping -n 6 127.0.0.1 >nul
exit /b 0
