"""The words a made-up ward is put together from. Weights are shares of about one hundred."""

from __future__ import annotations

import re

FAMILY = tuple(
    re.findall(
        r"\w+",
        "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Trương Đinh Lâm Mai Tô Trịnh",
    )
)
FAMILY_WEIGHTS = (38, 12, 10, 7, 5, 4, 5, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 1, 2, 1, 1, 1)
MIDDLE = {
    "male": tuple(re.findall(r"\w+", "Văn Hữu Đức Minh Quốc Thanh Công Ngọc Hoàng Gia")),
    "female": tuple(re.findall(r"\w+", "Thị Thị Thị Ngọc Thanh Kim Thu Mỹ Hồng Bảo")),
}
GIVEN = {
    "male": tuple(
        re.findall(
            r"\w+",
            "An Bình Cường Dũng Đạt Hải Hiếu Hòa Hùng Huy Khang "
            "Khoa Lâm Long Minh Nam Nghĩa Phong Phúc Quân Sơn "
            "Tài Tâm Thành Thắng Tiến Toàn Trí Tuấn Việt Vinh Xuân",
        )
    ),
    "female": tuple(
        re.findall(
            r"\w+",
            "An Bé Châu Cúc Dung Đào Hà Hạnh Hằng Hiền Hoa Hồng "
            "Huệ Hương Lan Liên Linh Loan Mai My Nga Ngân Nhung "
            "Oanh Phượng Quyên Sương Thảo Thủy Trang Tuyết Yến",
        )
    ),
}
STREETS = (
    ("Lạc Long Quân", "Hòa Bình"),
    ("Âu Cơ", "Tống Văn Trân"),
    ("Ông Ích Khiêm", "Lạc Long Quân"),
    ("Bình Thới", "Xóm Đất"),
    ("Minh Phụng", "Đội Cung"),
    ("Lãnh Binh Thăng", "Đường số 7"),
)
PHONE_PREFIXES = ("90", "91", "93", "97", "98", "86", "88", "32", "35", "38", "70", "77", "79", "83", "94")
PROVINCES = ("079",) * 14 + (
    "080",
    "082",
    "083",
    "084",
    "087",
    "089",
    "091",
    "060",
    "052",
    "051",
    "001",
    "038",
)
DISEASES = (
    ("THA", 30),
    ("Tăng huyết áp", 14),
    ("ĐTĐ type 2", 14),
    ("Tiểu đường", 8),
    ("Bệnh tim mạch", 8),
    ("suy tim độ 2", 3),
    ("hen PQ", 5),
    ("COPD", 4),
    ("Tai biến cũ", 4),
    ("suy thận mạn", 3),
    ("K vú", 2),
    ("viêm gan B", 4),
    ("thoái hóa khớp", 6),
    ("Parkinson", 1),
)
PLACES = ("TYT phường", "BV Quận 11", "BV Trưng Vương", "BV Nguyễn Tri Phương", "phòng khám tư")
ETHNIC = (("Kinh", 86), ("Hoa", 11), ("Khmer", 2), ("Chăm", 1))
REASONS = ("sợ phản ứng", "gia đình chưa đồng ý", "đang điều trị bệnh", "chống chỉ định: dị ứng nặng")
JOBS = (
    "Buôn bán",
    "Công nhân",
    "Nội trợ",
    "Nhân viên văn phòng",
    "Tài xế",
    "Thợ may",
    "Giáo viên",
    "Lao động tự do",
)
NEEDS = ("thuốc huyết áp", "gạo, nhu yếu phẩm", "xe đưa đi khám bệnh", "tiền trợ cấp")
