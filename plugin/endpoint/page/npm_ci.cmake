# Installs what a package-lock.json pins into a folder of the build.
# usage: cmake -DNPM=PATH -DSOURCE=FOLDER -DTARGET=FOLDER -P npm_ci.cmake
foreach(FILE package.json package-lock.json .npmrc)
  file(COPY ${SOURCE}/${FILE} DESTINATION ${TARGET})
endforeach()
execute_process(COMMAND ${NPM} ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
                WORKING_DIRECTORY ${TARGET} RESULT_VARIABLE FAILED)
if(FAILED)
  message(FATAL_ERROR "npm could not install what ${SOURCE}/package-lock.json names. This step needs the npm registry "
                      "once: connect to the internet, or point npm to a mirror (npm config set registry URL), and "
                      "build again.")
endif()
