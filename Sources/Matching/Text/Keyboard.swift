/// The positions of the keys on a QWERTY keyboard.
enum Keyboard {
    static func areNeighbours(_ a: UInt8, _ b: UInt8) -> Bool {
        guard letters.contains(a), letters.contains(b) else { return false }
        return neighbours[Int(a - 97)] & 1 << UInt32(b - 97) != 0
    }

    private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")

    private static let neighbours: [UInt32] = {
        var table = [UInt32](repeating: 0, count: 26)
        let rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"].map { Array($0.utf8) }
        for (y, row) in rows.enumerated() {
            for (x, key) in row.enumerated() {
                let beside = [(y, x - 1), (y, x + 1), (y + 1, x - 1), (y + 1, x), (y - 1, x), (y - 1, x + 1)]
                for (y, x) in beside where rows.indices.contains(y) && rows[y].indices.contains(x) {
                    table[Int(key - 97)] |= 1 << UInt32(rows[y][x] - 97)
                }
            }
        }
        return table
    }()
}
