# The live page: fetches the Plotly bundle that page/package-lock.json pins and embeds it, with the files of page/, into
# room_endpoint.
set(PAGE_DIR ${CMAKE_CURRENT_LIST_DIR}/page)
find_program(NPM npm)
if(NOT NPM)
  message(FATAL_ERROR "The live page needs npm to fetch Plotly's bundle, and there is none: install it with "
                      "`apt install npm` (or run deploy/install-dependencies.sh build).")
endif()
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_FOUND)
  message(FATAL_ERROR "The live page is embedded by a Python script, and there is no Python 3: install it with "
                      "`apt install python3`.")
endif()

# Installs the packages of SOURCE into TARGET/node_modules when its lock changed; PRODUCT is a file among them.
function(npm_install SOURCE TARGET PRODUCT)
  set(INSTALLER ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/page/npm_ci.cmake)
  add_custom_command(
    OUTPUT ${TARGET}/node_modules/${PRODUCT}
    COMMAND ${CMAKE_COMMAND} -DNPM=${NPM} -DSOURCE=${SOURCE} -DTARGET=${TARGET} -P ${INSTALLER}
    COMMAND ${CMAKE_COMMAND} -E touch ${TARGET}/node_modules/${PRODUCT}
    DEPENDS ${SOURCE}/package.json ${SOURCE}/package-lock.json ${INSTALLER}
    COMMENT "Fetching the packages of ${SOURCE}/package-lock.json" VERBATIM)
endfunction()

set(PAGE_BUILD ${CMAKE_CURRENT_BINARY_DIR}/page)
set(PLOTLY_BUNDLE ${PAGE_BUILD}/node_modules/plotly.js-basic-dist-min/plotly-basic.min.js CACHE INTERNAL "")
npm_install(${PAGE_DIR} ${PAGE_BUILD} plotly.js-basic-dist-min/plotly-basic.min.js)

file(GLOB PAGE_FILES CONFIGURE_DEPENDS ${PAGE_DIR}/*.js ${PAGE_DIR}/*.css ${PAGE_DIR}/*.svg)
set(PAGE_ASSETS /=${PAGE_DIR}/index.html /plotly.js=${PLOTLY_BUNDLE})
foreach(FILE ${PAGE_FILES})
  get_filename_component(NAME ${FILE} NAME)
  list(APPEND PAGE_ASSETS /${NAME}=${FILE})
endforeach()
add_custom_command(
  OUTPUT ${PAGE_BUILD}/page_files.cc
  COMMAND Python3::Interpreter ${PAGE_DIR}/embed.py --out ${PAGE_BUILD}/page_files.cc ${PAGE_ASSETS}
  DEPENDS ${PAGE_DIR}/embed.py ${PAGE_DIR}/index.html ${PAGE_FILES} ${PLOTLY_BUNDLE}
  COMMENT "Embedding the live page" VERBATIM)
target_sources(room_endpoint PRIVATE ${PAGE_BUILD}/page_files.cc)
# A file of the page is one string, longer than the standard asks of compilers.
set_source_files_properties(${PAGE_BUILD}/page_files.cc PROPERTIES
                            SKIP_UNITY_BUILD_INCLUSION ON COMPILE_OPTIONS -Wno-overlength-strings)
