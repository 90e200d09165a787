// Drives 64 copies of a Classifier, one in each bit of a word: payloads of images from standard input, "image payload"
// of each result to standard output as they come, and at last the clocks of all images together.
// Verilator writes the second underscore of a port such as image__valid as 05F.
#include <cstdint>
#include <iostream>
#include <vector>

#include "Vtop.h"
#include "verilated.h"

using Word = std::uint64_t;

double sc_time_stamp() { return 0; }

int main() {
    VerilatedContext context;
    Vtop top{&context};
    std::size_t images, transfers;
    std::cin >> images >> transfers;
    std::vector<Word> payloads(images * transfers);
    for (Word& payload : payloads) std::cin >> payload;

    auto& [valid] = top.image___05Fvalid.m_storage;
    auto clock = [&] {
        top.clk = 1;
        top.eval();
        top.clk = 0;
        top.eval();
    };
    top.clk = 0;
    valid = 0;
    top.result___05Fready[0] = ~Word{0};
    // Longer than a board's power-on reset; an idle design waits.
    for (unsigned wait = 0; wait < 2048; ++wait) clock();

    struct Copy {
        std::size_t image, sent;
        bool busy;
    };
    std::vector<Copy> copies(64, Copy{0, 0, false});
    std::size_t next = 0, done = 0;
    std::uint64_t clocks = 0;
    while (done < images) {
        for (std::size_t k = 0; k < copies.size(); ++k) {
            Copy& copy = copies[k];
            const Word bit = Word{1} << k;
            if (!copy.busy && next < images) copy = {next++, 0, true};
            if (!copy.busy || copy.sent == transfers) {
                valid &= ~bit;
                continue;
            }
            valid |= bit;
            const Word payload = payloads[copy.image * transfers + copy.sent];
            auto& words = top.image___05Fpayload.m_storage;
            for (std::size_t place = 0; place < std::size(words); ++place)
                words[place] = (words[place] & ~bit) | (payload >> place & 1 ? bit : 0);
        }
        top.eval();
        const Word taken = valid & top.image___05Fready[0], offered = top.result___05Fvalid[0];
        for (std::size_t k = 0; k < copies.size(); ++k) {
            Copy& copy = copies[k];
            clocks += copy.busy;
            copy.sent += taken >> k & 1;
            if (!copy.busy || !(offered >> k & 1)) continue;
            Word payload = 0;
            const auto& words = top.result___05Fpayload.m_storage;
            for (std::size_t place = 0; place < std::size(words); ++place) payload |= (words[place] >> k & 1) << place;
            std::cout << copy.image << ' ' << payload << '\n';
            copy.busy = false;
            ++done;
        }
        clock();
    }
    std::cout << clocks << std::endl;
}
