local chart = {}
function chart.write() end
return chart
