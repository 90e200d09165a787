// Drives a Classifier: payloads of images from standard input, the result's payload of each image to standard output.
// Verilator writes the second underscore of a port such as image__valid as 05F.
#include <cstdint>
#include <iostream>
#include <vector>

#include "Vtop.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

// A board's top has no reset port and resets itself.
template <class T>
static auto reset(T& top, int value) -> decltype(top.rst, void()) {
    top.rst = value;
}
template <class... T>
static void reset(T&&...) {}

static void clock(Vtop& top) {
    top.clk = 0;
    top.eval();
    top.clk = 1;
    top.eval();
}

int main() {
    VerilatedContext context;
    Vtop top{&context};
    unsigned images, transfers;
    std::cin >> images >> transfers;
    reset(top, 1);
    top.image___05Fvalid = 0;
    top.result___05Fready = 1;
    clock(top);
    reset(top, 0);
    // Longer than a board's power-on reset; an idle design waits.
    for (unsigned wait = 0; wait < 2048; ++wait) clock(top);
    std::uint64_t clocks = 0;
    while (images--) {
        for (unsigned sent = 0; sent < transfers; ++sent) {
            std::uint64_t payload;
            std::cin >> payload;
            top.image___05Fvalid = 1;
            top.image___05Fpayload = payload;
            clock(top);
            ++clocks;
        }
        top.image___05Fvalid = 0;
        // The outputs follow the registers in the evaluation of the edge before.
        while (!top.result___05Fvalid) {
            clock(top);
            ++clocks;
        }
        std::cout << std::uint64_t{top.result___05Fpayload} << '\n';
        clock(top);
        ++clocks;
    }
    std::cout << clocks << '\n';
}
