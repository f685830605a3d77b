# The picture of a soak: memory and descriptors over time. Called by run.lua with data= and picture=.

set terminal pngcairo size 900,660 font "DejaVu Sans,9" background "#ffffff"
set output picture
set datafile missing NaN

stats data using 1 nooutput
minutes = STATS_max / 60
stats data using 6 nooutput
acts = STATS_max

set multiplot layout 3,1 margins 0.07,0.97,0.08,0.88 spacing 0.085 \
  title sprintf("%.0f min of streams, cancels, faults and calls: %.0f in all", minutes, acts) font ",14" offset 0,-0.3
set border 3 lc rgb "#888888" lw 1
set tics nomirror textcolor rgb "#444444"
set grid ytics lt 1 lc rgb "#e6e6e6" lw 1
set xrange [0:minutes]
set yrange [0:*]
set key at graph 1,1.16 right top horizontal textcolor rgb "#444444" samplen 2
set pointsize 0.4

set label 1 "Resident memory, MiB" at graph 0,1.16 left font ",11" textcolor rgb "#222222"
plot data using ($1/60):($2==0?$3:NaN) with points pt 7 lc rgb "#8fb8e0" title "at work", \
     data using ($1/60):($2==1?$3:NaN) with lines lw 2 lc rgb "#1f5fa8" title "at rest"

set label 1 "Lua's memory, MiB"
plot data using ($1/60):($2==0?$4:NaN) with points pt 7 lc rgb "#f0bf85" title "at work", \
     data using ($1/60):($2==1?$4:NaN) with lines lw 2 lc rgb "#b85f00" title "at rest"

set label 1 "Open descriptors"
set xlabel "minutes" textcolor rgb "#444444"
plot data using ($1/60):($2==0?$5:NaN) with points pt 7 lc rgb "#9ccfa3" title "at work", \
     data using ($1/60):($2==1?$5:NaN) with lines lw 2 lc rgb "#2b7a34" title "at rest"
unset multiplot
