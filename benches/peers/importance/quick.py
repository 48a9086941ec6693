import json, subprocess, sys
import numpy as np
from scipy.stats import spearmanr
import functions
EX='/work/wt/keys/target/%s/examples/importance' % ('release' if '--release' in sys.argv else 'debug')
seeds=int(sys.argv[1]); 
cells=[c for c in [
 ("additive","grid"),("additive","gridgaps"),("additive","random60"),("additive","tpe96"),("additive","cmaes96"),
 ("exponential","grid"),("exponential","gridgaps"),("exponential","random60"),("exponential","tpe96"),("exponential","cmaes96"),
 ("ishigami","grid"),("ishigami","gridgaps"),("ishigami","random60"),("ishigami","tpe96"),("ishigami","cmaes96"),
 ("g","grid"),("g","gridgaps"),("g","random60"),("g","tpe96"),("g","cmaes96"),
 ("words","grid"),("words","gridgaps"),("words","random60"),("words","tpe96"),("words","cmaes96"),
 ("ishigami12","random60"),("ishigami12","tpe96"),("ishigami12","cmaes96"),
 ("noise3","grid"),("noise3","gridgaps"),("noise","random60"),("noise","tpe96"),("noise","cmaes96")]
 if len(sys.argv)<3 or sys.argv[2].startswith('--') or any(w in c[0]+" "+c[1] for w in sys.argv[2].split(','))]
for f,d in cells:
    p=subprocess.run([EX,f,d,"1",str(seeds)],capture_output=True,text=True)
    if p.returncode: print(f,d,p.stderr[-300:]); continue
    right=wrong=none=some=0; rhos=[]; idle=0; meth={}; secs=0;tops=0; ex=[]
    for line in p.stdout.splitlines():
        r=json.loads(line); v=r["variance"]; secs+=r["seconds"]
        if v is None: none+=1; continue
        m=(v["method"][:4]+"/"+v["scale"][:3]); meth[m]=meth.get(m,0)+1
        ex.append(v["explained"] if v["explained"] is not None else 1)
        t=functions.truth(f,d.startswith("grid"),v["scale"])
        told=v["verdict"]["told"]
        first=v["keys"][0]["key"]
        if t is None and "-v" in sys.argv: print(v["verdict"]["p"],v["verdict"]["told"],m)
        if t is None:
            none+=told=="nothing"; wrong+=told=="first"; some+=told=="some"; continue
        best=max(t,key=t.get); tops+=first==best
        if told=="first":
            right+=first==best; wrong+=first!=best
        elif told=="some": some+=1
        else: none+=1
        if told!="nothing":
            sh={k["key"]:k["share"] for k in v["keys"]}
            act=[k for k in t if t[k]>functions.IDLE]; idl=[k for k in t if t[k]<=functions.IDLE]
            if len(act)>1: rhos.append(spearmanr([t[k] for k in act],[sh[k] for k in act])[0])
            if idl: idle+=max(sh[k] for k in idl)>min(sh[k] for k in act)
    t=functions.truth(f,d.startswith("grid"),"raw")
    top=sorted(t.values(),reverse=True)[:2] if t else [0,1]
    print(f"{f:12}{d:10} top {tops/seeds:.2f} right {right/seeds:.2f} wrong {wrong/seeds:.2f} some {some/seeds:.2f} none {none/seeds:.2f} rho {np.median(rhos) if rhos else float('nan'):.2f} idle>act {idle/seeds:.2f} R2 {np.median(ex) if ex else 0:.2f} ratio {top[0]/top[1]:.1f} {meth} {secs/seeds:.2f}s",flush=True)
