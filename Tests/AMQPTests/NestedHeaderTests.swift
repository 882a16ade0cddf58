import CRabbitMQ
import Foundation
import Synchronization
import Testing

@testable import AMQP

/// Headers that are nested as deep as a frame allows. RabbitMQ 3.10 itself needs minutes for them, so that these are
/// decoded without a broker.
struct NestedHeaderTests {
    @Test(arguments: [21_800, 26_000])
    func `the stack of a connection suffices for the deepest headers of a frame`(levels: Int) async throws {
        let encoded = Self.encode(levels, asArrays: levels > 21_800)
        #expect(encoded.count <= 131_072)
        let isExceeded = await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: Self.decode(encoded)) }
            thread.stackSize = ConnectionThread.stackSize
            thread.start()
        }
        #expect(isExceeded == true)
    }

    @Test(arguments: [(1, false), (15, false), (16, true)])
    func `fifteen levels below the headers are copied`(levels: Int, isExceeded: Bool) {
        for asArrays in [true, false] { #expect(Self.decode(Self.encode(levels, asArrays: asArrays)) == isExceeded) }
    }

    /// Returns whether the copy left something out; `nil` if librabbitmq refuses the table.
    private static func decode(_ bytes: [UInt8]) -> Bool? {
        var bytes = bytes
        return bytes.withUnsafeMutableBytes { buffer in
            var pool = amqp_pool_t()
            init_amqp_pool(&pool, 4096)
            defer { empty_amqp_pool(&pool) }
            var table = amqp_table_t()
            var offset = 0
            let encoded = amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress)
            guard amqp_decode_table(encoded, &pool, &table, &offset) == AMQP_STATUS_OK.rawValue else { return nil }
            var nesting = NestingLimit()
            _ = FieldTable(table, &nesting)
            return nesting.isExceeded
        }
    }

    /// Encodes a table with this many tables or arrays inside each other (AMQP 0-9-1, section 4.2.5.5). The names are
    /// empty.
    private static func encode(_ levels: Int, asArrays: Bool) -> [UInt8] {
        // From the inside to the outside, backwards.
        var reversed: [UInt8] = []
        for level in 0..<levels {
            append(length: reversed.count, to: &reversed)
            reversed.append(UInt8(ascii: asArrays ? "A" : "F"))
            // The outermost one is an entry of the headers, which has a name.
            if !asArrays || level == levels - 1 { reversed.append(0) }
        }
        append(length: reversed.count, to: &reversed)
        return reversed.reversed()
    }

    private static func append(length: Int, to reversed: inout [UInt8]) {
        for shift in [0, 8, 16, 24] { reversed.append(UInt8(truncatingIfNeeded: length >> shift)) }
    }
}
