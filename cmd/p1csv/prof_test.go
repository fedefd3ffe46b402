package main
import ("testing";"os";"runtime/pprof";"p1/pkg/tool")
func TestProf(t *testing.T){
 if os.Getenv("PROF")=="" {t.Skip()}
 f,_:=os.Create("/tmp/xb/cpu.prof"); pprof.StartCPUProfile(f)
 tool.Run(app(), []string{"p1csv","-o","/tmp/xb/prof.parquet","/tmp/xb/hu300k.jsonl.zst"}, os.Stdin, os.Stdout, os.Stderr)
 pprof.StopCPUProfile(); f.Close()
 h,_:=os.Create("/tmp/xb/mem.prof"); pprof.Lookup("allocs").WriteTo(h,0); h.Close()
}
