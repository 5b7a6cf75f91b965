#pragma once

#include <cassert>

namespace okhttp::internal {

/// Membership of an object in one list. The object must leave the list before it goes away.
template <class T>
struct ListHook {
  T* previous = nullptr;
  T* next = nullptr;
  bool linked = false;
};

/// A doubly linked list of objects that live elsewhere; inserting and erasing allocate nothing and take constant time.
template <class T, ListHook<T> T::*hook>
class IntrusiveList {
 public:
  [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
  [[nodiscard]] T* front() const noexcept { return head_; }
  [[nodiscard]] static T* next(const T& item) noexcept { return (item.*hook).next; }

  void push_back(T& item) noexcept {
    ListHook<T>& link = item.*hook;
    assert(!link.linked);
    link.previous = tail_;
    link.next = nullptr;
    link.linked = true;
    (tail_ != nullptr ? (tail_->*hook).next : head_) = &item;
    tail_ = &item;
  }

  void erase(T& item) noexcept {
    ListHook<T>& link = item.*hook;
    assert(link.linked);
    (link.previous != nullptr ? (link.previous->*hook).next : head_) = link.next;
    (link.next != nullptr ? (link.next->*hook).previous : tail_) = link.previous;
    link = ListHook<T>();
  }

  T* pop_front() noexcept {
    T* item = head_;
    if (item != nullptr) erase(*item);
    return item;
  }

 private:
  T* head_ = nullptr;
  T* tail_ = nullptr;
};

}  // namespace okhttp::internal
