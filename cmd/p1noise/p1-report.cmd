@echo off
rem Takes logs of a smart meter, best dropped on this file, and makes a folder beside the
rem first of them with all that p1 knows: tables, what is wrong with the line, the voltage,
rem and a page that leads to them, which it opens. Stands beside the five commands.
rem
rem   p1-report.cmd [-o FOLDER] [--receiver NAME] [--key-file FILE] [--no-open] LOG...
rem
rem From file to file, with no pipe, so that each command's exit code is seen. A redirection
rem that fails does not set ERRORLEVEL, and set clears it.
setlocal EnableExtensions DisableDelayedExpansion
set "HERE=%~dp0"
set "LOGS="
set "FOLDER="
set "KEY="
set "RECEIVER="
set "FIRST="
set "MADE="
set "MISSING="
set "ANY="
set "OPEN=1"
set UNREAD=0
set CODE=0
rem The Explorer starts a cmd of its own, whose window goes when this ends.
set "DROPPED="
set "LINE=%CMDCMDLINE:"=%"
set "REST=%LINE:p1-report=%"
if not "%REST%"=="%LINE%" set "DROPPED=1"

:options
if not "%~1"=="" goto given
rem That is the end, or a name between quotes that is empty.
set ARG=%1
if defined ARG goto empty
goto checked
:given
if "%~1"=="-o" goto folder
if "%~1"=="--output" goto folder
if "%~1"=="--receiver" goto receiver
if "%~1"=="--key-file" goto key
if "%~1"=="--no-open" goto closed
if "%~1"=="-h" goto help
if "%~1"=="--help" goto help
set "ONE=%~1"
if "%ONE:~0,2%"=="-o" goto attached
if "%ONE:~0,1%"=="-" goto unknown
for /l %%n in (1,1,99) do if /i "%ONE%"=="COM%%n" goto endless
rem The colon of demo: is none that a folder may have.
if /i "%ONE:~0,5%"=="demo:" if not defined FIRST set "FIRST=p1-report-demo"
for %%f in ("%ONE%") do if not defined FIRST set "FIRST=%%~dpfp1-report-%%~nf"
set LOGS=%LOGS% "%ONE%"
shift
goto options
:folder
if "%~2"=="" goto empty
set "FOLDER=%~2"
shift
shift
goto options
:attached
set "FOLDER=%ONE:~2%"
shift
goto options
:receiver
if "%~2"=="" goto empty
set RECEIVER=--receiver "%~2"
shift
shift
goto options
:key
if "%~2"=="" goto empty
set KEY=--key-file "%~2"
shift
shift
goto options
:closed
set "OPEN="
shift
goto options

:help
call :usage
goto end
:empty
>&2 echo p1-report: an option or a LOG names nothing
goto wrong
:unknown
>&2 echo p1-report: "%ONE%" is no option
goto wrong
:wrong
>&2 call :usage
set CODE=2
goto end
:usage
echo usage: p1-report.cmd [-o FOLDER] [--receiver NAME] [--key-file FILE] [--no-open] LOG...
echo Makes a new folder with what the LOGs say, and opens its first page. Logs may be
echo dropped on p1-report.cmd in the Explorer; the folder is beside the first of them.
exit /b 0

:checked
if not defined LOGS goto wrong
for %%c in (p1cat p1frame p1fix p1csv p1noise) do if not exist "%HERE%%%c.exe" call :lacks %%c
if defined MISSING goto missing
goto receivers
:lacks
set "MISSING=%MISSING% %1.exe"
exit /b 0

:receivers
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
if not exist "%FOLDER%\NOT-COMPLETE.txt" goto unwritten

>&2 echo 1 of 6: reading and repairing
"%HERE%p1cat" -o "%FOLDER%\chunks.jsonl.zst" -- %LOGS%
set UNREAD=%ERRORLEVEL%
rem What p1cat could not read, or not to its end, is left out, and that is said.
if %UNREAD%==0 goto frame
if %UNREAD%==1 goto frame
if %UNREAD%==3 goto frame
set CODE=%UNREAD%
goto none_made
:frame
if not exist "%FOLDER%\chunks.jsonl.zst" goto none
"%HERE%p1frame" %KEY% -o "%FOLDER%\framed.jsonl.zst" "%FOLDER%\chunks.jsonl.zst"
if not %ERRORLEVEL%==0 goto failed
del "%FOLDER%\chunks.jsonl.zst"
"%HERE%p1fix" --quiet %KEY% -o "%MIDDLE%" "%FOLDER%\framed.jsonl.zst"
if not %ERRORLEVEL%==0 goto failed
del "%FOLDER%\framed.jsonl.zst"

>&2 echo 2 of 6: readings, and which telegrams were valid
rem A column for each line that the meter sends, gas too, and three that are computed.
set COLUMNS=--profile all --columns "interval_import_kw,interval_export_kw,net_current_a"
"%HERE%p1csv" %COLUMNS% -o "%FOLDER%\records.csv" --validity "%FOLDER%\validity.csv" "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
for /f "usebackq skip=1 delims=" %%l in ("%FOLDER%\validity.csv") do (
	set "ANY=1"
	goto counted
)
:counted
if not defined ANY goto none
>&2 echo 3 of 6: the workbook
"%HERE%p1csv" %COLUMNS% --quiet -o "%FOLDER%\records.xlsx" "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
>&2 echo 4 of 6: days
"%HERE%p1csv" --profile all --quiet --every 1d -o "%FOLDER%\days.csv" "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
>&2 echo 5 of 6: the summary
"%HERE%p1noise" --summary %RECEIVER% -o "%FOLDER%\summary.txt" "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
if %UNREAD%==0 goto last
>"%FOLDER%\unread.txt" echo Not all of the logs could be read to the end. This report is of what could be read. p1cat says:
if not exist "%FOLDER%\unread.txt" goto unwritten
rem What p1cat has said was for whoever looked on; it says it once more.
"%HERE%p1cat" -- %LOGS% <nul >nul 2>>"%FOLDER%\unread.txt"
:last
>&2 echo 6 of 6: the line, the voltage, the first page
set "LINKS="
for %%f in (records.xlsx records.csv days.csv validity.csv summary.txt unread.txt) do call :link %%f
"%HERE%p1noise" %RECEIVER% -o "%FOLDER%\noise.csv" --html "%FOLDER%\line.html" --voltage-html "%FOLDER%\voltage.html" --index "%FOLDER%\index.html" %LINKS% "%MIDDLE%"
if not %ERRORLEVEL%==0 goto failed
del "%MIDDLE%" "%FOLDER%\NOT-COMPLETE.txt"
set "MADE="
echo "%FOLDER%\index.html"
set CODE=%UNREAD%
if not %CODE%==0 >&2 echo p1-report: not all was read: unread.txt says so
if defined OPEN start "" "%FOLDER%\index.html"
goto end

:link
if exist "%FOLDER%\%1" set LINKS=%LINKS% --link "%FOLDER%\%1"
exit /b 0

:none
>&2 echo p1-report: there is no telegram, so no report is made
set CODE=%UNREAD%
if %CODE%==0 set CODE=1
goto end
:endless
>&2 echo p1-report: %ONE% has no end: keep it with p1cat --archive, and make a report of that
set CODE=2
goto end
:missing
>&2 echo p1-report: the five commands are to stand beside p1-report.cmd: unpack the whole archive. Missing:%MISSING%
set CODE=1
goto end
:there
>&2 echo p1-report: that folder is there already: name another one
set CODE=1
goto end
:unwritten
set CODE=1
goto none_made
:failed
set CODE=%ERRORLEVEL%
:none_made
>&2 echo p1-report: no report is made

:end
if defined MADE rmdir /s /q "%MADE%"
rem Of a dropped log: what is said here is to be read before the window goes, and what
rem stands behind an ampersand in its name is no command.
if not defined DROPPED exit /b %CODE%
if not defined OPEN exit /b %CODE%
if not %CODE%==0 pause
exit %CODE%
