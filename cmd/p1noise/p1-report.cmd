@echo off
rem Takes logs of a smart meter, best dropped on this file, and makes a folder beside the
rem first of them with all that p1 knows: tables, what is wrong with the line, the voltage,
rem and a page that leads to them, which it opens. Stands beside the five commands.
rem
rem   p1-report.cmd [-o FOLDER] [--receiver NAME] [--key-file FILE] [--no-open] LOG...
rem
rem From file to file, with no pipe, so that each command's exit code is seen.
setlocal EnableExtensions DisableDelayedExpansion
set "HERE=%~dp0"
set "LOGS="
set "FOLDER="
set "KEY="
set "RECEIVER="
set "FIRST="
set "OPEN=1"
set "UNREAD="
set CODE=0
rem The Explorer starts a cmd of its own, whose window goes when this ends.
set "DROPPED="
set "LINE=%CMDCMDLINE:"=%"
set "REST=%LINE:p1-report=%"
if not "%REST%"=="%LINE%" set "DROPPED=1"

:options
if "%~1"=="" goto checked
if "%~1"=="-o" goto folder
if "%~1"=="--output" goto folder
if "%~1"=="--receiver" goto receiver
if "%~1"=="--key-file" goto key
if "%~1"=="--no-open" goto closed
if "%~1"=="-h" goto usage
if "%~1"=="--help" goto usage
set "ONE=%~1"
if "%ONE:~0,1%"=="-" goto usage
for %%f in ("%ONE%") do if not defined FIRST set "FIRST=%%~dpfp1-report-%%~nf"
set LOGS=%LOGS% "%ONE%"
shift
goto options
:folder
set "FOLDER=%~2"
if "%~2"=="" goto usage
shift
shift
goto options
:receiver
set RECEIVER=--receiver "%~2"
if "%~2"=="" goto usage
shift
shift
goto options
:key
set KEY=--key-file "%~2"
if "%~2"=="" goto usage
shift
shift
goto options
:closed
set "OPEN="
shift
goto options

:usage
echo usage: p1-report.cmd [-o FOLDER] [--receiver NAME] [--key-file FILE] [--no-open] LOG...
echo Makes a new folder with what the LOGs say, and opens its first page. Logs may be
echo dropped on p1-report.cmd in the Explorer; the folder is beside the first of them.
set CODE=2
goto end

:checked
if not defined LOGS goto usage
for %%c in (p1cat p1frame p1fix p1csv p1noise) do if not exist "%HERE%%%c.exe" goto missing

rem A name that p1noise does not know is said now, and not after an hour.
set CODE=2
"%HERE%p1noise" --summary %RECEIVER% <nul >nul
if not %ERRORLEVEL%==0 goto end
set CODE=0
rem A folder that is there is never used.
if not defined FOLDER goto name
if exist "%FOLDER%" goto there
goto make
:name
if not defined FIRST set "FIRST=p1-report"
set "FOLDER=%FIRST%"
set N=1
:next
if not exist "%FOLDER%" goto make
set /a N+=1
set "FOLDER=%FIRST%-%N%"
goto next
:make
mkdir "%FOLDER%"
if not %ERRORLEVEL%==0 goto failed
set "MADE=%FOLDER%"
set "MIDDLE=%FOLDER%\telegrams.jsonl.zst"
>"%FOLDER%\NOT-COMPLETE.txt" echo This report is not complete: p1-report is still at work, or was stopped.
if not %ERRORLEVEL%==0 goto failed

echo 1 of 6: reading and repairing
"%HERE%p1cat" -o "%FOLDER%\chunks.jsonl.zst" -- %LOGS%
if %ERRORLEVEL%==1 set "UNREAD=1"
if %ERRORLEVEL%==1 goto frame
if not %ERRORLEVEL%==0 goto failed
:frame
if not exist "%FOLDER%\chunks.jsonl.zst" goto none
"%HERE%p1frame" %KEY% -o "%FOLDER%\framed.jsonl.zst" "%FOLDER%\chunks.jsonl.zst"
if not %ERRORLEVEL%==0 goto failed
del "%FOLDER%\chunks.jsonl.zst"
"%HERE%p1fix" --quiet %KEY% -o "%MIDDLE%" "%FOLDER%\framed.jsonl.zst"
if not %ERRORLEVEL%==0 goto failed
del "%FOLDER%\framed.jsonl.zst"

echo 2 of 6: readings, and which telegrams were valid
"%HERE%p1csv" -o "%FOLDER%\records.csv" --validity "%FOLDER%\validity.csv" "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
set "ANY="
for /f "usebackq skip=1 delims=" %%l in ("%FOLDER%\validity.csv") do (
	set "ANY=1"
	goto counted
)
:counted
if not defined ANY goto none
echo 3 of 6: the workbook
"%HERE%p1csv" --quiet -o "%FOLDER%\records.xlsx" "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
echo 4 of 6: days
"%HERE%p1csv" --quiet --every 1d -o "%FOLDER%\days.csv" "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
echo 5 of 6: the summary
"%HERE%p1noise" --summary %RECEIVER% -o "%FOLDER%\summary.txt" "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
if not defined UNREAD goto last
>"%FOLDER%\unread.txt" echo p1cat could not read all of these logs, and has said why. This report is of what it could read.
if not %ERRORLEVEL%==0 goto failed
:last
echo 6 of 6: the line, the voltage, the first page
set "LINKS="
for %%f in (records.xlsx records.csv days.csv validity.csv summary.txt unread.txt) do call :link %%f
"%HERE%p1noise" %RECEIVER% -o "%FOLDER%\noise.csv" --html "%FOLDER%\line.html" --voltage-html "%FOLDER%\voltage.html" --index "%FOLDER%\index.html" %LINKS% "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
del "%MIDDLE%" "%FOLDER%\NOT-COMPLETE.txt"
set "MADE="
echo "%FOLDER%\index.html"
if defined UNREAD echo p1-report: not all was read: unread.txt says so
if defined UNREAD set CODE=1
if defined OPEN start "" "%FOLDER%\index.html"
goto end

:link
if exist "%FOLDER%\%1" set LINKS=%LINKS% --link "%FOLDER%\%1"
exit /b 0

:none
echo p1-report: there is no telegram, so no report is made
set CODE=1
goto end
:missing
echo p1-report: the five commands are to stand beside p1-report.cmd: unpack the whole archive
set CODE=1
goto end
:there
echo p1-report: that folder is there already: name another one
set CODE=1
goto end
:failed
echo p1-report: no report is made
set CODE=1

:end
if defined MADE rmdir /s /q "%MADE%"
rem Of a dropped log: what is said here is to be read before the window goes, and what
rem stands behind an ampersand in its name is no command.
if not defined DROPPED exit /b %CODE%
if not defined OPEN exit /b %CODE%
if not %CODE%==0 pause
exit %CODE%
