import Foundation
import TestSupport
import Testing

@testable import ServiceKit

@Suite(.timeLimit(.minutes(1)))
struct LogOutputTests {
    /// A pipe whose ends a test uses as descriptors.
    private struct Ends: Sendable {
        let reading: Int32
        let writing: Int32

        init() throws {
            // A write to a closed pipe must be an error, as in the program.
            signal(SIGPIPE, SIG_IGN)
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw NotInTime(description: "no pipe") }
            (reading, writing) = (ends[0], ends[1])
        }

        /// Reads until the writing end is closed, on a thread of its own.
        func lines() async -> [String] {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    let data = FileHandle(fileDescriptor: reading).readDataToEndOfFile()
                    let text = String(decoding: data, as: UTF8.self)
                    continuation.resume(returning: text.split(separator: "\n").map(String.init))
                }
            }
        }
    }

    @Test func `Lines are written whole and in their order`() async throws {
        let ends = try Ends()
        let output = LogOutput(descriptor: ends.writing)
        let written = (0..<20_000).map { "line \($0)" }
        async let read = ends.lines()
        // Within the limits, so that none is dropped.
        for line in written {
            output.write(line)
            if line.hasSuffix("000") { #expect(output.flush(within: .seconds(30))) }
        }
        #expect(output.flush(within: .seconds(30)))
        close(ends.writing)
        #expect(await read == written)
    }

    @Test func `A full pipe stops nobody, the oldest lines are dropped, and one line counts them`() async throws {
        let ends = try Ends()
        let output = LogOutput(descriptor: ends.writing, limits: .init(lines: 100, bytes: 1 << 20))
        output.describeLosses { "lost \($0)" }
        // Nobody reads: the pipe takes 64 KiB.
        let filler = String(repeating: "x", count: 1000)
        for number in 0..<2000 { output.write("\(number) \(filler)") }
        #expect(!output.flush(within: .milliseconds(10)))
        async let read = ends.lines()
        try await eventually("the rest is written") { output.flush(within: .milliseconds(10)) }
        close(ends.writing)
        let lines = await read
        let numbers = lines.compactMap { Int($0.split(separator: " ")[0]) }
        let losses = lines.filter { $0.hasPrefix("lost ") }.compactMap { Int($0.dropFirst(5)) }
        #expect(numbers.last == 1999)
        #expect(numbers == numbers.sorted())
        #expect(losses.reduce(0, +) + numbers.count == 2000)
        #expect(lines.filter { !$0.hasPrefix("lost ") }.allSatisfy { $0.hasSuffix(filler) })
    }

    @Test func `A closed pipe and a full disk stop nobody, and the losses are counted until they can be told`()
        async throws
    {
        let ends = try Ends()
        close(ends.reading)
        let closed = LogOutput(descriptor: ends.writing)
        let full = LogOutput(descriptor: open("/dev/full", O_WRONLY))
        for output in [closed, full] {
            for number in 0..<100 { output.write("\(number)") }
            #expect(output.flush(within: .seconds(30)))
        }
        // The descriptor works again, as after a log driver was restarted.
        let next = try Ends()
        dup2(next.writing, ends.writing)
        close(next.writing)
        closed.describeLosses { "lost \($0)" }
        closed.write("next")
        #expect(closed.flush(within: .seconds(30)))
        close(ends.writing)
        #expect(await next.lines() == ["lost 100", "next"])
    }

    @Test func `The queue drops the oldest lines beyond its limits, and reports each once`() {
        var queue = LineQueue(.init(lines: 10, bytes: 100))
        for number in 0..<10 { #expect(queue.append("\(number)") == 0) }
        #expect(queue.append("10") == 2)
        #expect(queue.takeLosses() == 2)
        #expect(queue.takeLosses() == 0)
        #expect(queue.take() == (2...10).map { "\($0)" })
        #expect(queue.append(String(repeating: "x", count: 101)) == 1)
        #expect(queue.isEmpty)
        #expect(queue.takeLosses() == 1)
    }

    @Test func `The line about losses has the format of the log`() throws {
        let json = LineLogHandler(service: "tag", level: .info, format: .json) { _ in }
        let line = json.lossLine(7)
        #expect(line.contains(#""event":"hdm.log.dropped""#))
        #expect(line.contains(#""lines":7"#))
        #expect(line.contains(#""level":"warning""#))
        let text = LineLogHandler(service: "tag", level: .info, format: .text) { _ in }
        #expect(text.lossLine(7).contains("WARNING tag: log lines were dropped"))
    }
}
